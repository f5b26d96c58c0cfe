use b1_servicelayer::entities::{Document, Item};

fn main() {
    let _ = Document::DOC_ENTRY.eq("x");
    let _ = Item::ITEM_CODE.contains(5);
    let _ = Document::DOC_TOTAL.gt("10");
}
