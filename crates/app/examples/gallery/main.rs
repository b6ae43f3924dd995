//! Serves every part of the pages with invented values, to look at them and to check them with
//! axe: `cargo run -p lamplight --example gallery`, then http://127.0.0.1:4199/. Sign in as
//! `wang` / `lamplight-2026`; as a customer use any account and phone.

mod door;
mod page;

use std::{error::Error, sync::Arc};

use access::Randomness;
use kernel::{SystemClock, Zone};
use lake::Lake;
use lamplight::http::{Guard, Route, Web, WebSetup, all_routes, router_of};
use store::Db;
use supply::{AreaRules, Works};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let address = format!("sqlite:{}", folder.path().join("gallery.db").display());
    let db = Db::open(&address, Arc::new(SystemClock)).await?;
    let random = Arc::new(Randomness::from_number(1));
    let people = door::InventedPeople::move_in(&db, &random).await?;
    let web = Web::new(WebSetup {
        works: Works {
            db,
            lake: Lake::in_folder(&folder.path().join("lake"))?,
            rules: Arc::new(AreaRules::bundled("Asia/Shanghai")?),
            random,
        },
        customers: Arc::new(people),
        https: false,
        upload_mib: 1,
        zone: Zone::get("Asia/Shanghai").ok_or("the zone database has no Asia/Shanghai")?,
        nav: page::nav,
    });
    let mut routes = all_routes();
    routes.extend([
        Route::get("/gallery", "gallery", Guard::Public, page::console),
        Route::get("/gallery/home", "gallery", Guard::Public, page::home),
        Route::get("/gallery/confirm", "gallery", Guard::Public, page::confirm),
        Route::get("/gallery/empty", "gallery", Guard::Public, page::empty),
        Route::get("/gallery/portal", "gallery", Guard::Public, page::portal),
        Route::get("/gallery/progress", "gallery", Guard::Public, page::progress),
    ]);
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:4199".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{address}/gallery");
    let door =
        router_of(&web, routes).into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, door).await?;
    Ok(())
}
