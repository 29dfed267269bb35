//! A document to look at; the benchmark of windows shows it as well.

/// A page of PDF in a colour, as red, green and blue (PDF 1.4, "File Structure").
pub fn document(colour: [u8; 3]) -> String {
    let [red, green, blue] = colour.map(|part| f32::from(part) / 255.0);
    let page = format!("{red} {green} {blue} rg 0 0 500 600 re f");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 600] /Contents 4 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
    ];
    let (mut text, mut offsets) = ("%PDF-1.4\n".to_owned(), String::new());
    for (object, number) in objects.iter().zip(1..) {
        offsets += &format!("{:010} 00000 n \n", text.len());
        text += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = text.len();
    text + &format!(
        "xref\n0 5\n0000000000 65535 f \n{offsets}trailer << /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )
}
