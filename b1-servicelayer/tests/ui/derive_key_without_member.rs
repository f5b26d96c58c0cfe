use b1_servicelayer::Entity;

#[derive(Entity)]
#[entity(set = "SpecialPrices", key("ItemCode", "CardCode"))]
struct SpecialPrice {
    item_code: Option<String>,
}

fn main() {}
