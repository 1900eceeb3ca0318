//! The half of `portcullis::aws` that writes, through the library: against emulators that do what is written, and a
//! proxy that says otherwise.

mod faults;
mod rights;
mod secrets;
mod writes;

use std::future::Future;

use portcullis::aws::{Hub, Keys, Outcome, Secret, Settings, Writer};
use portcullis::model::Account;
use tokio::runtime::{Builder, Runtime};

use crate::support::boto::{Boto, Credentials};
use crate::support::proxy::Proxy;
use crate::support::server::{Ministack, Moto};

/// An emulator behind a proxy, and the account of a caller who may do everything.
struct Stage {
    proxy: Proxy,
    credentials: Credentials,
    account: &'static str,
    endpoint: String,
    runtime: Runtime,
    /// One of the two; they live as long as the stage.
    _servers: (Option<Moto>, Option<Ministack>),
}

impl Stage {
    /// moto, which believes everybody.
    fn moto() -> Self {
        let moto = Moto::start();
        let (port, endpoint) = (moto.port(), moto.endpoint());
        let credentials = Credentials::new("AKIAPORTCULLIS000000", "wJalrXUtnFEMI/K7MDENG/secret");
        Self::before(port, endpoint, credentials, Moto::ACCOUNT, (Some(moto), None))
    }

    /// ministack, which decides by policies; the caller is root.
    fn ministack() -> Self {
        let ministack = Ministack::start(true);
        let (port, endpoint) = (ministack.port(), ministack.endpoint());
        Self::before(port, endpoint, Ministack::root(), Ministack::ACCOUNT, (None, Some(ministack)))
    }

    fn before(
        port: u16,
        endpoint: String,
        credentials: Credentials,
        account: &'static str,
        servers: (Option<Moto>, Option<Ministack>),
    ) -> Self {
        let proxy = Proxy::start(port);
        proxy.learn(&credentials.key, account);
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { proxy, credentials, account, endpoint, runtime, _servers: servers }
    }

    /// Waits for a future, on this thread.
    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Signs in through the proxy with the credentials of the stage.
    fn hub(&self) -> Hub {
        self.hub_of(&self.credentials)
    }

    /// Signs in through the proxy.
    fn hub_of(&self, credentials: &Credentials) -> Hub {
        let keys = Keys {
            access_key_id: credentials.key.clone(),
            secret_access_key: Secret::new(credentials.secret.clone()),
            session_token: credentials.token.clone().map(Secret::new),
            expires: None,
        };
        self.wait(Hub::connect(self.settings(keys))).expect("sign in")
    }

    fn settings(&self, keys: Keys) -> Settings {
        Settings {
            keys: Some(keys),
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(self.proxy.endpoint()),
            role_name: "PortcullisScan".to_owned(),
            session_name: "portcullis-test".to_owned(),
            ..Settings::default()
        }
    }

    /// A writer of the caller's own account.
    fn writer(&self) -> Writer {
        self.hub().own_writer()
    }

    /// Calls past the proxy, by the caller.
    fn boto(&self) -> Boto {
        Boto::new(&self.endpoint, &self.credentials)
    }

    /// The actions that reached the proxy, in order.
    fn asked(&self) -> Vec<String> {
        self.proxy.all().into_iter().map(|call| call.action).collect()
    }

    /// The ARN of the guard.
    fn guard(&self) -> String {
        format!("arn:aws:iam::{}:policy/portcullis/guard", self.account)
    }
}

/// An account by its id.
fn account(id: &str) -> Account {
    Account { id: id.to_owned(), ..Account::default() }
}

/// What was made by a write that was done.
fn made<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Written { made, .. } => made,
        other => panic!("not written: {other:?}"),
    }
}

/// A document of a guard.
const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Guard","Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
