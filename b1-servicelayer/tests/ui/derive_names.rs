use b1_servicelayer::ComplexType;

#[derive(ComplexType)]
struct Twice {
    quantity: Option<i32>,
    #[entity(name = "Quantity")]
    amount: Option<i32>,
}

#[derive(ComplexType)]
struct Odd {
    #[entity(name = "U Quantity")]
    quantity: Option<i32>,
}

fn main() {}
