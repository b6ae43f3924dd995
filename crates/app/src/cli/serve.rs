//! `lamplight serve`: the doors and the worker of an installation.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use kernel::{FaultKind, SystemClock};
use store::{Durability, Engine, Worker};
use tokio::{net::TcpListener, sync::watch};

use super::Failure;
use crate::{
    channels::{self, ChannelsConfig},
    house::{House, HouseArgs},
    http::{self, Web, WebSetup},
    work::{self, Nights},
};

/// `lamplight serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    house: HouseArgs,
    /// Where to listen.
    #[arg(long, env = "LAMPLIGHT_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// People reach this server by https, through a proxy: cookies are marked secure.
    #[arg(long, env = "LAMPLIGHT_HTTPS")]
    https: bool,
    /// The largest file that people may hand in through the console, in MiB.
    #[arg(long, env = "LAMPLIGHT_UPLOAD_MIB", default_value_t = UPLOAD_MIB)]
    upload_mib: u64,
    /// A folder under which a backup is made every night, best on another machine.
    #[arg(long, env = "LAMPLIGHT_BACKUP_TO")]
    backup_to: Option<PathBuf>,
    /// The file that names the servers which carry notices: SMS, e-mail, webhooks.
    #[arg(long, env = "LAMPLIGHT_CHANNELS")]
    channels: Option<PathBuf>,
}

/// The largest file that people may hand in, unless the setting says otherwise.
pub const UPLOAD_MIB: u64 = 256;

/// Opens the doors of an installation.
pub async fn run(args: &ServeArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let mut tx = house.works.db.read().await?;
    if access::root_organisation(&mut tx).await?.is_none() {
        eprintln!("This bureau is empty. Make its organisation and first administrator with:");
        eprintln!("{}", first_user(&house.data));
    }
    drop(tx);
    let nights = Nights::bundled().map_err(|error| Failure::invalid(error.to_string()))?;
    let worker = work::worker(&house.works);
    let worker = work::with_nights(worker, &house.works, nights, args.backup_to.clone());
    let channels = match &args.channels {
        Some(path) => ChannelsConfig::read(path)?,
        None => ChannelsConfig::default(),
    };
    let worker = with_channels(worker, &house.works, channels)?;
    let setup = Doors { show_codes: false, https: args.https, upload_mib: args.upload_mib };
    doors(house, &args.listen, setup, worker).await
}

/// The command that makes a bureau's first administrator, with everything that it asks for.
fn first_user(data: &Path) -> String {
    format!(
        "  lamplight user first --data {} --org-code CODE --name-zh 名称 --name-en NAME \\\n    --login LOGIN --person PERSON",
        data.display()
    )
}

/// How people come in.
#[derive(Debug, Clone, Copy)]
pub struct Doors {
    /// Whether one-time codes are shown on the page instead of sent.
    pub show_codes: bool,
    /// Whether people reach us by https.
    pub https: bool,
    /// The largest file that the console takes, in MiB.
    pub upload_mib: u64,
}

/// Serves until the process is told to stop; then lets requests and jobs in hand finish.
pub async fn doors(
    house: House,
    listen: &str,
    setup: Doors,
    worker: Worker,
) -> Result<(), Failure> {
    let works = house.works.clone();
    if works.db.engine() == Engine::Sqlite {
        // This is the only worker of the file: whoever held a job before is gone.
        works.db.release_leases().await?;
    }
    let web = Web::new(WebSetup {
        works: works.clone(),
        customers: Arc::new(work::PortalCustomers::new(&works.db, setup.show_codes)),
        https: setup.https,
        upload_mib: setup.upload_mib,
        zone: works.rules.zone.clone(),
        nav: http::nav,
    });
    let unavailable = |error: std::io::Error| {
        Failure::new(FaultKind::Unavailable, format!("cannot listen on {listen}: {error}"))
    };
    let listener = TcpListener::bind(listen).await.map_err(unavailable)?;
    let address = listener.local_addr().map_err(unavailable)?;
    println!(
        "Lamplight is at http://{address}/ (console) and http://{address}/portal (customers)."
    );
    let (stop, stopped) = watch::channel(false);
    let mut working = stopped.clone();
    let jobs = tokio::spawn(async move { worker.run(stopped).await });
    let served = axum::serve(
        listener,
        http::router(&web).into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        told_to_stop().await;
        // The worker hears it too; when it is gone already there is nobody to tell.
        let _ = stop.send(true);
        let _ = working.changed().await;
    })
    .await;
    served.map_err(unavailable)?;
    match jobs.await {
        Ok(ended) => ended.map(|_| ()).map_err(Failure::from),
        Err(error) => Err(Failure::new(FaultKind::Bug, format!("the worker stopped: {error}"))),
    }
}

/// Adds the jobs of promises and notices to a worker, with the channels as configured.
pub fn with_channels(
    worker: Worker,
    works: &supply::Works,
    channels: ChannelsConfig,
) -> Result<Worker, Failure> {
    let zone = works.rules.zone.to_string();
    let duty = duty::Works::bundled(&works.db, works.random.clone(), &zone)?;
    let senders = channels::senders(&duty, channels)?;
    Ok(work::with_duty(worker, &duty, &senders, work::PARALLEL))
}

/// Waits for Ctrl-C or, on Unix, for SIGTERM.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the process ends at once, which loses nothing that counts.
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::first_user;
    use crate::cli::Cli;

    #[test]
    fn the_command_that_is_proposed_is_one() {
        let proposed = first_user(std::path::Path::new("bureau")).replace("\\\n", " ");
        let parsed = Cli::try_parse_from(proposed.split_whitespace());
        assert!(parsed.is_ok(), "{proposed}: {:?}", parsed.err());
    }
}
