//! What crosses over of the caller's environment, and what a profile takes back.

use super::fixture::{Host, environment};

const INHERITED: &str =
    "[environment]\ninherit = ['LC_*', 'TERM', 'LANG']\nset = { EDITOR = 'vi', TERM = 'dumb', PAGER = 'less' }\n";

fn host(inherited: &str) -> Host {
    Host::new().file("/home/ann/work/inherited.toml", inherited)
}

fn extending(lines: &str) -> String {
    format!("extends = ['./inherited.toml']\n[environment]\n{lines}\n")
}

/// The variables that are not nsbox's own.
fn variables(host: &Host, lines: &str) -> String {
    let plan = host.plan(&extending(lines));
    let own = ["HOME=", "USER=", "LOGNAME=", "SHELL=", "PWD="];
    let lines = environment(&plan);
    lines.lines().filter(|line| !own.iter().any(|own| line.starts_with(own))).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_let_in_or_set_is_taken_back_by_its_name() {
    let host = host(INHERITED);
    assert_eq!(variables(&host, ""), "EDITOR=vi LANG=C.UTF-8 LC_TIME=de_DE PAGER=less TERM=dumb");
    assert_eq!(variables(&host, "drop = ['LC_*', 'EDITOR']"), "LANG=C.UTF-8 PAGER=less TERM=dumb");
    // Both what lets it in and what sets it.
    assert_eq!(variables(&host, "drop = ['TERM']"), "EDITOR=vi LANG=C.UTF-8 LC_TIME=de_DE PAGER=less");
    let all = Host::new().file("/home/ann/work/inherited.toml", "[environment]\ninherit = 'all'\n");
    assert!(variables(&all, "").contains("SECRET=hush"));
    assert_eq!(variables(&all, "drop = 'all'\ninherit = ['TERM']"), "TERM=xterm");
}

#[test]
fn the_order_of_lines_does_not_matter_and_a_later_layer_may_name_it_again() {
    let host = host(INHERITED);
    let expected = "COLOR=1 LANG=C.UTF-8 LC_TIME=de_DE PAGER=less TERM=dumb";
    assert_eq!(variables(&host, "drop = ['EDITOR']\nset = { COLOR = '1' }"), expected);
    assert_eq!(variables(&host, "set = { COLOR = '1' }\ndrop = ['EDITOR']"), expected);
    let flags = [("--env", "environment.set", "EDITOR=ed"), ("--set", "environment.drop", "['PAGER']")];
    let plan = host.plan_with(&extending("drop = ['EDITOR']"), &flags);
    let environment = environment(&plan);
    assert!(environment.contains("EDITOR=ed\n") && !environment.contains("PAGER"), "{environment}");
}

#[test]
fn dropping_what_is_neither_let_in_nor_set_is_an_error_with_a_remedy() {
    let host = host(INHERITED);
    let says = |drop: &str, expected: &str| {
        let message = "is neither let in nor set so far, so it cannot be dropped";
        let expected = format!("test.toml:3:9 '{drop}' : `{drop}` {message}\n  {expected}\n");
        assert_eq!(host.problems(&extending(&format!("drop = ['{drop}']"))), expected);
    };
    says("EDITRO", "label: did you mean `EDITOR`?");
    says("LD_*", "label: did you mean `LC_*`?");
    says("LC_TIME", "hint: `LC_*` of ./inherited.toml:2:12 lets it in: drop that, and name those to keep");
    says("HOME", "hint: nsbox sets it itself; `set` gives it another value");
    says("NOTHING", "hint: `drop` names a variable, or a pattern, as the inherited profile does");
    assert_eq!(
        host.problems(&extending("drop = 'all'")),
        "test.toml:3:8 'all' : `all` is neither let in nor set so far, so it cannot be dropped\n"
    );
    // A profile cannot take back what it says itself.
    assert_eq!(
        host.problems(&extending("drop = ['A', 'B*']\nset = { A = '1' }\ninherit = ['B*']")),
        "test.toml:3:9 'A' : `A` is named twice in one profile\n  hint: it is also named at test.toml:4:9; keep one of the two\n\
         test.toml:3:14 'B*' : `B*` is named twice in one profile\n  hint: it is also named at test.toml:5:12; keep one of the two\n"
    );
}

#[test]
fn patterns_of_names_have_stars_and_question_marks() {
    let mut host = Host::new();
    host.environment.extend([("A1", "x"), ("A22", "x"), ("A*", "star")]);
    let environment = |inherit: &str| environment(&host.plan(&format!("[environment]\ninherit = ['{inherit}']\n")));
    assert!(environment("A?").starts_with("A*=star\nA1=x\nHOME"));
    assert!(environment("A[*]").starts_with("A*=star\nHOME"));
    assert!(environment("A*").starts_with("A*=star\nA1=x\nA22=x\nHOME"));
}
