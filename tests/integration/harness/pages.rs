//! Lists served in pages are the same lists.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_organizations::operation::list_accounts::ListAccountsOutput;
use serde_json::{Value, json};

use crate::support::boto::Boto;
use crate::support::org::{Org, Size};
use crate::support::proxy::{Paging, Proxy};
use crate::support::server::Moto;

const LISTS: [(&str, &str, &str); 4] = [
    ("iam", "list_users", "ListUsers"),
    ("iam", "list_virtual_mfa_devices", "ListVirtualMFADevices"),
    ("iam", "get_account_authorization_details", "GetAccountAuthorizationDetails"),
    ("organizations", "list_accounts", "ListAccounts"),
];

fn read_all(proxy: &Proxy, org: &Org) -> Vec<Value> {
    let mut calls = Boto::new(&proxy.endpoint(), &org.credentials());
    for (service, operation, _) in LISTS {
        calls = calls.pages(service, operation, &json!({}));
    }
    // A filter is the server's business; a page size that the caller asks for is not heeded.
    let filter = json!({"Filter": ["User", "LocalManagedPolicy"], "PaginationConfig": {"PageSize": 50}});
    let mut answers = calls.pages("iam", "get_account_authorization_details", &filter).succeed();
    for policies in answers.iter_mut().filter_map(|answer| answer["Policies"].as_array_mut()) {
        // moto lists policies of a filter in no order.
        policies.sort_by_key(|policy| policy["Arn"].to_string());
    }
    answers
}

#[test]
fn pages_add_up_to_the_whole_list() {
    let moto = Moto::start();
    // More than 100 virtual devices in one account, as moto itself pages by 100.
    let org = Org::seed(&moto, Size { accounts: 8, users: 8 * 330 });
    let proxy = Proxy::start(moto.port());
    proxy.learn(&org.credentials().key, &org.management);
    let whole = read_all(&proxy, &org);
    assert_eq!(whole[0]["Users"].as_array().unwrap().len(), org.accounts[0].users.len());
    let devices = whole[1]["VirtualMFADevices"].as_array().unwrap().len();
    assert!(devices > 100, "{devices}");
    assert_eq!(whole[3]["Accounts"].as_array().unwrap().len(), 9);

    for (size, empty_first) in [(50, false), (7, true), (1000, true)] {
        proxy.forget();
        for (_, _, action) in LISTS {
            proxy.page(action, Paging { size, empty_first });
        }
        let paged = read_all(&proxy, &org);
        assert_eq!(paged, whole, "pages of {size}");
        let users = proxy.all().iter().filter(|call| call.action == "ListUsers").count();
        assert_eq!(users, org.accounts[0].users.len().div_ceil(size) + usize::from(empty_first));
    }
    proxy.clear();
    proxy.forget();
    assert_eq!(read_all(&proxy, &org), whole);
}

/// The program's own SDK ends on a missing Marker, reads a page that is empty, and keeps its connection.
#[test]
fn the_rust_sdk_reads_pages_to_their_end() {
    let moto = Moto::start();
    let org = Org::seed(&moto, Size { accounts: 8, users: 200 });
    let proxy = Proxy::start(moto.port());
    let hub = org.credentials();
    for (_, _, action) in LISTS {
        proxy.page(action, Paging { size: 4, empty_first: true });
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (users, accounts) = runtime.block_on(async {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new(&hub.key, &hub.secret, None, None, "test"))
            .endpoint_url(proxy.endpoint())
            .load()
            .await;
        let users = aws_sdk_iam::Client::new(&config).list_users().into_paginator().items().send();
        let users: Result<Vec<_>, _> = users.collect().await;
        let accounts = aws_sdk_organizations::Client::new(&config).list_accounts().into_paginator().send();
        let accounts: Result<Vec<_>, _> = accounts.collect().await;
        (users.unwrap(), accounts.unwrap())
    });
    let told: Vec<_> = org.accounts[0].users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(users.iter().map(aws_sdk_iam::types::User::user_name).collect::<Vec<_>>(), told);
    let told: Vec<_> = org.accounts.iter().map(|account| account.id.as_str()).collect();
    let listed = accounts.iter().flat_map(ListAccountsOutput::accounts).filter_map(|account| account.id());
    assert_eq!(listed.collect::<Vec<_>>(), told);
}
