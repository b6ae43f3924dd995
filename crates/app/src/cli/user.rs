//! `lamplight user`: the first administrator, and a way back in when nobody can sign in.

use std::{io::BufRead, sync::Arc};

use access::{
    AccessError, Actor, GrantRole, NewOrganisation, NewStaff, Password, create_organisation,
    create_staff, ensure_default_roles, grant_role, reset_password, role_by_code,
    root_organisation, staff_by_login,
};
use clap::{Args, Subcommand};
use kernel::SystemClock;
use store::Durability;

use super::Failure;
use crate::house::{House, HouseArgs};

/// `lamplight user`
#[derive(Debug, Args)]
pub struct UserArgs {
    #[command(subcommand)]
    what: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make the organisation and its first administrator. The password is read from standard input.
    First {
        #[command(flatten)]
        house: HouseArgs,
        /// The organisation's code (单位编码).
        #[arg(long)]
        org_code: String,
        /// Its name in Chinese.
        #[arg(long)]
        name_zh: String,
        /// Its name in English.
        #[arg(long)]
        name_en: String,
        /// What the administrator signs in with.
        #[arg(long)]
        login: String,
        /// The administrator's name.
        #[arg(long)]
        person: String,
    },
    /// Give someone a new password, read from standard input; they must change it at once.
    Reset {
        #[command(flatten)]
        house: HouseArgs,
        /// Whom.
        login: String,
    },
}

/// Runs a user command as the program itself.
pub async fn run(args: &UserArgs) -> Result<(), Failure> {
    match &args.what {
        UserCommand::First { house, org_code, name_zh, name_en, login, person } => {
            let house = open(house).await?;
            let actor = Actor::program("command");
            let ctx = house.works.ctx(&actor, "user first");
            let mut tx = house.works.db.begin().await?;
            if root_organisation(&mut tx).await?.is_some() {
                return Err(Failure::invalid("this bureau has its first user already"));
            }
            ensure_default_roles(&mut tx).await?;
            let new = NewOrganisation { parent: None, code: org_code, name_zh, name_en };
            let org = create_organisation(&ctx, &mut tx, new).await?;
            let password = typed_password()?;
            let new = NewStaff { org, login, name: person, password, must_change: false };
            let staff = create_staff(&ctx, &mut tx, new).await?;
            let role = role_by_code(&mut tx, "administrator").await?;
            let role = role.ok_or(AccessError::NotFound("role"))?.id;
            grant_role(&ctx, &mut tx, GrantRole { staff, role, org }).await?;
            tx.commit().await?;
            println!("{login} administers {name_en}");
        }
        UserCommand::Reset { house, login } => {
            let house = open(house).await?;
            let actor = Actor::program("command");
            let ctx = house.works.ctx(&actor, "user reset");
            let mut tx = house.works.db.begin().await?;
            let staff =
                staff_by_login(&mut tx, login).await?.ok_or(AccessError::NotFound("user"))?;
            reset_password(&ctx, &mut tx, staff.id, typed_password()?).await?;
            tx.commit().await?;
            println!("{login} has a new password and must change it");
        }
    }
    Ok(())
}

async fn open(args: &HouseArgs) -> Result<House, Failure> {
    Ok(House::open(args, Arc::new(SystemClock), Durability::PowerCut).await?)
}

/// One line of standard input: a password never stands on a command line.
fn typed_password() -> Result<Password, Failure> {
    eprintln!("Type the password and press Enter (or send it on standard input):");
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::invalid(format!("no password could be read: {error}")))?;
    Ok(Password::new(line.trim_end_matches(['\n', '\r'])))
}
