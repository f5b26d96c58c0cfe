use b1_servicelayer::Client;
use b1_servicelayer::entities::{Document, Item};

fn main() {
    let _ = Item::ITEM_CODE.eq("A").and(Document::DOC_ENTRY.eq(1));
}

fn queries(b1: Client) {
    let _ = b1.items().filter(Document::DOC_ENTRY.eq(1));
    let _ = b1.items().order_by(Document::DOC_ENTRY.asc());
}
