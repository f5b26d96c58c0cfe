use b1_servicelayer::Entity;

#[derive(Entity)]
#[entity(set = "Items")]
struct Item {
    item_code: Option<String>,
}

fn main() {}
