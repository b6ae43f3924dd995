//! Serves every part of the pages with invented values, to look at them and to check them with
//! axe: `cargo run -p lamplight --example gallery`, then http://127.0.0.1:4199/. Sign in as
//! `wang` / `lamp`; as a customer use any account and phone, and the code `123456`.

mod door;
mod page;

use std::{error::Error, sync::Arc};

use kernel::{SystemClock, Zone};
use lamplight::http::{Guard, Route, Web, WebSetup, all_routes, router_of, secret::Key};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let web = Web::new(WebSetup {
        clock: Arc::new(SystemClock),
        door: Arc::new(door::InventedPeople),
        key: Key::new(b"the gallery keeps no secrets")?,
        https: false,
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
    axum::serve(listener, router_of(&web, routes)).await?;
    Ok(())
}
