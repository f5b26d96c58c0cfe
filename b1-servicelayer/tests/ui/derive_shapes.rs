use b1_servicelayer::{ComplexType, Entity};

#[derive(Entity)]
#[entity(key = "Code")]
struct Generic<T> {
    code: Option<T>,
}

#[derive(ComplexType)]
struct Tuple(Option<String>);

#[derive(ComplexType)]
enum Status {
    Open,
}

fn main() {}
