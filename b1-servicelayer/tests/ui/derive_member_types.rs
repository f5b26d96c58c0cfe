use b1_servicelayer::ComplexType;

#[derive(ComplexType)]
struct Line {
    quantity: i32,
}

#[derive(ComplexType)]
struct Flag {
    active: Option<bool>,
}

fn main() {}
