use b1_servicelayer::Entity;

#[derive(Entity)]
#[entity(table = "OITM", key = "ItemCode")]
struct Item {
    item_code: Option<String>,
}

#[derive(Entity)]
#[entity(key = "ItemCode")]
struct Other {
    #[entity(rename = "ItemCode")]
    item_code: Option<String>,
}

fn main() {}
