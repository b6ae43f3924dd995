//! How a person is reached: routes as they are stored, and what a person wishes.

use kernel::Time;

use crate::notices::{Channel, Kind, Route};

/// Routes on as many lines, channel before address.
#[must_use]
pub fn pack_routes(routes: &[Route]) -> String {
    let mut packed = String::with_capacity(routes.len() * 24);
    for route in routes {
        if !packed.is_empty() {
            packed.push('\n');
        }
        packed.push_str(route.channel.word());
        packed.push(' ');
        // An address is one line: what follows a break would read as another route.
        packed.extend(route.address.chars().filter(|c| !c.is_control()));
    }
    packed
}

/// The routes of a packed text; a line that names no channel is left out.
#[must_use]
pub fn unpack_routes(packed: &str) -> Vec<Route> {
    let route = |line: &str| {
        let (channel, address) = line.split_once(' ')?;
        Some(Route { channel: Channel::from_word(channel)?, address: address.to_owned() })
    };
    packed.lines().filter_map(route).collect()
}

/// How a person wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preference {
    /// Channels in the order wished; those not named follow as usual.
    pub channels: Vec<Channel>,
    /// Times of day between which nothing but safety is sent.
    pub quiet: Option<(Time, Time)>,
    /// Kinds not wanted; safety is told all the same.
    pub unwanted: Vec<Kind>,
}

/// What a preference makes of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Send it.
    Send,
    /// The person does not want this kind.
    Unwanted,
}

impl Preference {
    /// Whether a message of this kind is wanted; safety always is.
    #[must_use]
    pub fn wish(&self, kind: Kind, is_safety: bool) -> Wish {
        if !is_safety && self.unwanted.contains(&kind) { Wish::Unwanted } else { Wish::Send }
    }

    /// Puts routes into the order wished.
    pub fn order(&self, routes: &mut [Route]) {
        let place = |route: &Route| {
            self.channels.iter().position(|c| *c == route.channel).unwrap_or(usize::MAX)
        };
        // A stable sort keeps the usual order among those not named.
        routes.sort_by_key(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(channel: Channel, address: &str) -> Route {
        Route { channel, address: address.to_owned() }
    }

    #[test]
    fn routes_are_read_as_they_were_packed_and_none_can_be_smuggled_in() {
        let routes = [route(Channel::Sms, "+8613800000001"), route(Channel::Email, "a b@c.cn")];
        assert_eq!(unpack_routes(&pack_routes(&routes)), routes);
        let evil = [route(Channel::Sms, "1\nwebhook http://evil")];
        assert_eq!(unpack_routes(&pack_routes(&evil)).len(), 1);
        assert!(unpack_routes("").is_empty());
    }

    #[test]
    fn the_wished_channel_comes_first() {
        let mut routes =
            vec![route(Channel::Sms, "1"), route(Channel::Call, "1"), route(Channel::Email, "e")];
        let wish = Preference { channels: vec![Channel::Email], ..Preference::default() };
        wish.order(&mut routes);
        let order: Vec<Channel> = routes.iter().map(|r| r.channel).collect();
        assert_eq!(order, [Channel::Email, Channel::Sms, Channel::Call]);
    }
}
