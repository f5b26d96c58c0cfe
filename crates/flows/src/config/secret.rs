use std::path::Path;

/// Puts environment variables in the place of `${NAME}`.
pub(super) fn expand(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut parts = text.split("${");
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').ok_or("a `${` is not closed by `}`")?;
        let value = environment(name)
            .ok_or_else(|| format!("the environment has no variable `{name}`; set it"))?;
        expanded.push_str(&value);
        expanded.push_str(rest);
    }
    Ok(expanded)
}

/// Reads a secret from a file, without the line break at its end.
pub(super) fn from_file(base: &Path, file: &str) -> Result<String, String> {
    let path = base.join(file);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("the file `{}` cannot be read: {error}", path.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("the file `{}` is empty", path.display()));
    }
    Ok(secret.to_owned())
}
