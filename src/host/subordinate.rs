//! The ids that a file such as /etc/subuid lends (subuid(5), subgid(5)).

/// The first id and the number of each range that is lent to a user, by name or by number.
pub fn lent(text: &str, user: &str, uid: u32) -> Vec<(u32, u32)> {
    let number = uid.to_string();
    let range = |line: &str| {
        let mut fields = line.split(':');
        let owner = fields.next().filter(|owner| *owner == user || *owner == number);
        owner.and(Some((fields.next()?.parse().ok()?, fields.next()?.trim().parse().ok()?)))
    };
    text.lines()
        .filter_map(range)
        .filter(|(first, count): &(u32, u32)| *count > 0 && first.checked_add(*count).is_some())
        .collect()
}
