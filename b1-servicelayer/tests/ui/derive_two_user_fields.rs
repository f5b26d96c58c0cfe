use b1_servicelayer::{ComplexType, UserFields};

#[derive(ComplexType)]
struct Line {
    #[entity(user_fields)]
    first: UserFields,
    #[entity(user_fields)]
    second: UserFields,
}

#[derive(ComplexType)]
struct Named {
    #[entity(user_fields, name = "U_All")]
    all: UserFields,
}

fn main() {}
