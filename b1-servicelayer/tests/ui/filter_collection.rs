use b1_servicelayer::entities::Document;

fn main() {
    let _ = Document::DOCUMENT_LINES.is_null();
    let _ = Document::DOC_ENTRY.contains("1");
}
