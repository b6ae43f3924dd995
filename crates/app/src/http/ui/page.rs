//! What every page needs around its content: words, title, way, navigation, person, preferences,
//! messages and the token that its forms send back.

use assets::Asset;

use super::{Crumb, Sign};
use crate::http::{
    i18n::{Locale, Words},
    shelf,
};

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them, in the order in which the switch shows them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Its name in cookies, forms and `data-theme`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// How a person likes the pages, kept in cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// The language.
    pub locale: Locale,
    /// Light or dark.
    pub theme: Theme,
    /// Less space between rows.
    pub compact: bool,
}

/// The person who is signed in, as pages name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Their name.
    pub name: String,
    /// Their organisation, or the account they look at.
    pub place: String,
}

/// One entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// The icon beside it (a symbol of `components/icons.html`).
    pub icon: &'static str,
    /// How many things wait there, where that is known.
    pub count: Option<String>,
    /// Whether this page belongs to it.
    pub current: bool,
}

/// Entries under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavGroup {
    /// The heading; empty for the first group.
    pub label: String,
    /// Its entries.
    pub items: Vec<NavItem>,
}

/// A message shown once, after something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// How it went.
    pub sign: Sign,
    /// What is said.
    pub text: String,
}

/// The frame around a page's content. Page structs hold it as `page`, beside `t: Words`.
#[derive(Debug, Clone)]
pub struct Page {
    /// The words of the person's language.
    pub t: Words,
    /// The title: first heading and browser tab.
    pub title: String,
    /// The way here, from the home page.
    pub crumbs: Vec<Crumb>,
    /// Language, theme, density.
    pub preferences: Preferences,
    /// This address with its query, to come back to.
    pub here: String,
    /// What forms send back to show that they are ours.
    pub csrf: String,
    /// Messages to show once.
    pub flashes: Vec<Flash>,
    /// The navigation for this person.
    pub nav: Vec<NavGroup>,
    /// Who is signed in.
    pub who: Option<Who>,
    /// What is in the search box.
    pub search: String,
    /// Where the search box sends it; `None`: no box.
    pub search_href: Option<&'static str>,
    /// Whether the page has charts, and needs their library.
    pub charts: bool,
}

impl Page {
    /// One more step of the way here.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), href: href.into() });
        self
    }

    /// Loads the chart library on this page.
    #[must_use]
    pub const fn with_charts(mut self) -> Self {
        self.charts = true;
        self
    }

    /// One more message.
    #[must_use]
    pub fn flash(mut self, sign: Sign, text: impl Into<String>) -> Self {
        self.flashes.push(Flash { sign, text: text.into() });
        self
    }

    /// The address of an embedded file.
    #[must_use]
    pub fn asset(&self, name: &str) -> &'static str {
        shelf::SHELF.named(name).map_or("", Asset::path)
    }

    /// The first entries of the navigation: the bar at the bottom of a phone.
    fn first_items(&self) -> impl Iterator<Item = &NavItem> {
        self.nav.iter().flat_map(|group| &group.items).take(4)
    }

    /// As [`Page::first_items`], for templates.
    #[must_use]
    pub fn bar(&self) -> Vec<&NavItem> {
        self.first_items().collect()
    }

    /// What the browser draws its own controls in.
    #[must_use]
    pub const fn colour_scheme(&self) -> &'static str {
        match self.preferences.theme {
            Theme::Auto => "light dark",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The themes that the switch offers.
    #[must_use]
    pub const fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    /// The language that the switch offers.
    #[must_use]
    pub const fn other_locale(&self) -> Locale {
        match self.preferences.locale {
            Locale::ZhCn => Locale::En,
            Locale::En => Locale::ZhCn,
        }
    }

    /// What the person's menu is called to those who hear the page.
    #[must_use]
    pub fn menu_name(&self) -> String {
        let name = self.who.as_ref().map_or("", |who| who.name.as_str());
        self.t.with("shell.account_of", &[("name", &name)])
    }

    /// The name of that language in itself.
    #[must_use]
    pub fn other_locale_name(&self) -> &'static str {
        Words(self.other_locale()).get("language.name")
    }
}
