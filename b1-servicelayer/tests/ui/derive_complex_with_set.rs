use b1_servicelayer::ComplexType;

#[derive(ComplexType)]
#[entity(set = "Lines")]
struct Line {
    quantity: Option<i32>,
}

fn main() {}
