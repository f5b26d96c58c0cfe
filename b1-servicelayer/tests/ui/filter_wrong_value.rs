use b1_servicelayer::entities::{Document, Item};

fn main() {
    let _ = Document::DOC_ENTRY.eq("x");
    let _ = Item::ITEM_CODE.eq(5);
    let _ = Item::VALID.eq(true);
    let _ = Document::DOC_TOTAL.gt("10");
}
