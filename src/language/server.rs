//! Messages of an editor, and answers to them.

use std::collections::BTreeMap;

use lsp_server::{Connection, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics,
};
use lsp_types::request::{Completion, GotoDefinition, HoverRequest, Request as _};
use lsp_types::{
    CompletionOptions, CompletionResponse, GotoDefinitionResponse, Hover, HoverContents,
    HoverProviderCapability, Location, MarkupContent, MarkupKind, OneOf, PublishDiagnosticsParams,
    ServerCapabilities, TextDocumentPositionParams, TextDocumentSyncCapability,
    TextDocumentSyncKind, Uri,
};
use serde::de::DeserializeOwned;

use super::document::{Document, byte, path_of, range, uri_of};
use super::faults::faults;
use super::meaning::{declaration, meaning};
use super::offer::offers;
use crate::scenario::Reach;

/// Why a conversation with an editor ended before its end.
pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Answers an editor until it ends the conversation. Scenarios may extend the files that `reach` allows.
///
/// # Errors
/// When messages are against the protocol, or cannot be sent.
pub(crate) fn serve(connection: &Connection, reach: Reach) -> Result<(), Broken> {
    let able = ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(['"', '.', '['].map(String::from).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        ..ServerCapabilities::default()
    };
    let (id, _) = connection.initialize_start()?;
    let answer = serde_json::json!({
        "capabilities": able,
        "serverInfo": {"name": "kzsim", "version": env!("CARGO_PKG_VERSION")},
    });
    connection.initialize_finish(id, answer)?;
    let mut server = Server {
        connection,
        reach,
        open: BTreeMap::new(),
        changed: Vec::new(),
    };
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                // An editor that has asked for the end may leave without another word.
                match connection.handle_shutdown(&request) {
                    Ok(false) => server.answer(request)?,
                    Ok(true) | Err(_) => return Ok(()),
                }
            }
            Message::Notification(told) => server.hear(told)?,
            Message::Response(_) => {}
        }
        // Who types fast is told of the last text.
        if connection.receiver.is_empty() {
            server.publish()?;
        }
    }
    Ok(())
}

struct Server<'c> {
    connection: &'c Connection,
    reach: Reach,
    /// Files that are open in the editor.
    open: BTreeMap<Uri, Document>,
    /// Those whose faults are to be looked for.
    changed: Vec<Uri>,
}

/// The content of a message, if it is one of its kind.
fn content<P: DeserializeOwned>(params: serde_json::Value) -> Result<P, Broken> {
    serde_json::from_value(params).map_err(Into::into)
}

impl Server<'_> {
    fn answer(&self, request: Request) -> Result<(), Broken> {
        let Request { id, method, params } = request;
        let found = match method.as_str() {
            Completion::METHOD => content::<lsp_types::CompletionParams>(params)
                .map(|asked| serde_json::json!(self.completion(&asked.text_document_position))),
            HoverRequest::METHOD => content::<lsp_types::HoverParams>(params)
                .map(|asked| serde_json::json!(self.hover(&asked.text_document_position_params))),
            GotoDefinition::METHOD => {
                content::<lsp_types::GotoDefinitionParams>(params).map(|asked| {
                    serde_json::json!(self.definition(&asked.text_document_position_params))
                })
            }
            _ => {
                let code = lsp_server::ErrorCode::MethodNotFound as i32;
                let response = Response::new_err(id, code, format!("kzsim does not know {method}"));
                return Ok(self.connection.sender.send(response.into())?);
            }
        };
        let response = match found {
            Ok(result) => Response::new_ok(id, result),
            Err(wrong) => {
                let code = lsp_server::ErrorCode::InvalidParams as i32;
                Response::new_err(id, code, wrong.to_string())
            }
        };
        Ok(self.connection.sender.send(response.into())?)
    }

    fn hear(&mut self, told: Notification) -> Result<(), Broken> {
        match told.method.as_str() {
            DidOpenTextDocument::METHOD => {
                let told: lsp_types::DidOpenTextDocumentParams = content(told.params)?;
                let uri = told.text_document.uri;
                if let Some(path) = path_of(&uri) {
                    let document = Document::new(path, told.text_document.text, self.reach);
                    self.open.insert(uri.clone(), document);
                    self.changed.push(uri);
                }
            }
            DidChangeTextDocument::METHOD => {
                let told: lsp_types::DidChangeTextDocumentParams = content(told.params)?;
                let uri = told.text_document.uri;
                // Each change is a whole text.
                if let (Some(document), Some(last)) = (
                    self.open.get_mut(&uri),
                    told.content_changes.into_iter().next_back(),
                ) {
                    document.change(last.text);
                    self.changed.push(uri);
                }
            }
            // What others extend may have changed.
            DidSaveTextDocument::METHOD => {
                for document in self.open.values_mut() {
                    let text = std::mem::take(&mut document.text);
                    document.change(text);
                }
                self.changed = self.open.keys().cloned().collect();
            }
            DidCloseTextDocument::METHOD => {
                let told: lsp_types::DidCloseTextDocumentParams = content(told.params)?;
                self.open.remove(&told.text_document.uri);
                self.changed.push(told.text_document.uri);
            }
            _ => {}
        }
        Ok(())
    }

    /// Sends the faults of what has changed; of a file that is closed, none.
    fn publish(&mut self) -> Result<(), Broken> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort();
        changed.dedup();
        for uri in changed {
            let diagnostics = self.open.get(&uri).map(faults).unwrap_or_default();
            let params = PublishDiagnosticsParams {
                uri,
                diagnostics,
                version: None,
            };
            let method = PublishDiagnostics::METHOD.to_owned();
            let told = Notification::new(method, params);
            self.connection.sender.send(told.into())?;
        }
        Ok(())
    }

    /// The file and the byte of a position.
    fn place(&self, at: &TextDocumentPositionParams) -> Option<(&Document, usize)> {
        let document = self.open.get(&at.text_document.uri)?;
        Some((document, byte(&document.text, at.position)))
    }

    fn completion(&self, at: &TextDocumentPositionParams) -> Option<CompletionResponse> {
        let (document, at) = self.place(at)?;
        Some(CompletionResponse::Array(offers(document, at)))
    }

    fn hover(&self, at: &TextDocumentPositionParams) -> Option<Hover> {
        let (document, at) = self.place(at)?;
        let (value, word) = meaning(document, at)?;
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value,
            }),
            range: Some(range(&document.text, &word)),
        })
    }

    fn definition(&self, at: &TextDocumentPositionParams) -> Option<GotoDefinitionResponse> {
        let (document, at) = self.place(at)?;
        let place = declaration(document, at)?;
        let said = document.said.as_ref()?;
        let source = said.scenario.sources.get(place.file)?;
        let location = Location {
            uri: uri_of(source.path.as_deref()?)?,
            range: range(&source.text, &place.span),
        };
        Some(GotoDefinitionResponse::Scalar(location))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const GOOD: &str = include_str!("../../fuzz/good.toml");
    const FILE: &str = "file:///nowhere/test.toml";

    /// An editor that talks to a server in this process.
    struct Editor {
        connection: Connection,
        server: std::thread::JoinHandle<Result<(), String>>,
        asked: i32,
    }

    impl Editor {
        fn new() -> Self {
            let (connection, other) = Connection::memory();
            let serve = move || serve(&other, Reach::Near).map_err(|e| e.to_string());
            let mut editor = Self {
                connection,
                server: std::thread::spawn(serve),
                asked: 0,
            };
            let able = editor.ask("initialize", json!({"capabilities": {}}));
            assert_eq!(able["capabilities"]["hoverProvider"], true);
            editor.tell("initialized", json!({}));
            editor
        }

        fn tell(&self, method: &str, params: Value) {
            let told = Notification::new(method.to_owned(), params);
            self.connection.sender.send(told.into()).expect("a server");
        }

        fn ask(&mut self, method: &str, params: Value) -> Value {
            self.asked += 1;
            let asked = Request::new(self.asked.into(), method.to_owned(), params);
            self.connection.sender.send(asked.into()).expect("a server");
            loop {
                if let Message::Response(found) =
                    self.connection.receiver.recv().expect("an answer")
                {
                    return found
                        .response_result
                        .unwrap_or_else(|e| json!({"error": e.message}));
                }
            }
        }

        /// The faults that are told next.
        fn faults(&self) -> Vec<(u64, u64, String)> {
            loop {
                if let Message::Notification(told) =
                    self.connection.receiver.recv().expect("faults")
                {
                    let list = told.params["diagnostics"]
                        .as_array()
                        .expect("a list")
                        .clone();
                    let fault = |d: &Value| {
                        let start = &d["range"]["start"];
                        let at = |key: &str| start[key].as_u64().expect("a number");
                        let words = d["message"].as_str().expect("words").to_owned();
                        (at("line"), at("character"), words)
                    };
                    return list.iter().map(fault).collect();
                }
            }
        }

        fn open(&self, text: &str) -> Vec<(u64, u64, String)> {
            let item = json!({"uri": FILE, "languageId": "toml", "version": 1, "text": text});
            self.tell("textDocument/didOpen", json!({"textDocument": item}));
            self.faults()
        }

        fn change(&self, text: &str) -> Vec<(u64, u64, String)> {
            let document = json!({"uri": FILE, "version": 2});
            let changes = json!([{"text": text}]);
            self.tell(
                "textDocument/didChange",
                json!({"textDocument": document, "contentChanges": changes}),
            );
            self.faults()
        }

        /// Asks about the place of a `|` in a text, which is opened.
        fn at(&mut self, method: &str, text: &str) -> Value {
            let place = text.find('|').expect("a place");
            let text = text.replacen('|', "", 1);
            self.change(&text);
            let position = super::super::document::position(&text, place);
            self.ask(
                method,
                json!({"textDocument": {"uri": FILE}, "position": position}),
            )
        }

        fn labels(&mut self, text: &str) -> Vec<String> {
            let found = self.at("textDocument/completion", text);
            let items = found.as_array().expect("a list").iter();
            items
                .map(|i| i["label"].as_str().expect("a label").to_owned())
                .collect()
        }

        fn hover(&mut self, text: &str) -> String {
            let found = self.at("textDocument/hover", text);
            found["contents"]["value"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        }

        fn end(mut self) {
            self.ask("shutdown", json!(null));
            self.tell("exit", json!(null));
            assert_eq!(self.server.join().expect("no panic"), Ok(()));
        }
    }

    #[test]
    fn an_editor_is_told_all_faults_at_once() {
        let editor = Editor::new();
        assert!(editor.open(GOOD).is_empty());
        let wrong = GOOD
            .replace("by = \"new\"", "by = \"nww\"")
            .replace("rounds = 100", "rounds = 0");
        let found = editor.change(&wrong);
        let [(2, 9, rounds), (66, 5, by)] = &found[..] else {
            panic!("{found:?}");
        };
        assert!(
            rounds.starts_with("rounds is 0\nexpected a whole number from 1 to"),
            "{rounds}"
        );
        assert!(
            by.contains("there is no actor `nww`") && by.ends_with("did you mean `new`?"),
            "{by}"
        );
        assert!(editor.change(GOOD).is_empty());
        editor.tell(
            "textDocument/didClose",
            json!({"textDocument": {"uri": FILE}}),
        );
        assert!(editor.faults().is_empty());
        editor.end();
    }

    #[test]
    fn what_is_expected_is_offered() {
        let mut editor = Editor::new();
        editor.open(GOOD);
        for (old, new, some, not) in [
            ("by = \"new\"", "by = |", "army", "capital"),
            ("by = \"new\"", "by = \"ar|", "army", "capital"),
            ("by = \"new\"", "b|", "by", "rounds"),
            (
                "when = \"open_split == 0\"",
                "when = \"|\"",
                "loyalty",
                "remove",
            ),
            (
                "when = \"open_split == 0\"",
                "when = \"1 < loyalty.|\"",
                "army",
                "capital",
            ),
            (
                "when = \"open_split == 0\"",
                "when = \"1 < loyalty.army.|\"",
                "new",
                "army",
            ),
            (
                "when = \"open_split == 0\"",
                "when = \"1 < loy|alty.army.new\"",
                "open_split",
                "army",
            ),
            ("[actors.army]", "[|]", "actors", "rounds"),
            ("[actors.army]", "[actors.|]", "banker", "capital"),
            (
                "[actors.army]",
                "[actors.army]\nloyalty = { |",
                "new",
                "loyalty",
            ),
            (
                "[actors.army]",
                "[actors.army]\nloyalty.new = { |",
                "mode",
                "new",
            ),
        ] {
            assert!(GOOD.contains(old), "{old}");
            let labels = editor.labels(&GOOD.replacen(old, new, 1));
            assert!(labels.iter().any(|l| l == some), "{new}: {labels:?}");
            assert!(labels.iter().all(|l| l != not), "{new}: {labels:?}");
        }
        // A word without quotes gets them, and takes the place of what is written.
        let found = editor.at(
            "textDocument/completion",
            &GOOD.replacen("by = \"new\"", "by = ne|w", 1),
        );
        let army = found
            .as_array()
            .expect("a list")
            .iter()
            .find(|i| i["label"] == "army")
            .expect("army");
        assert_eq!(army["textEdit"]["newText"], "\"army\"");
        let range = &army["textEdit"]["range"];
        assert_eq!(
            (&range["start"]["character"], &range["end"]["character"]),
            (&json!(5), &json!(8))
        );
        editor.end();
    }

    #[test]
    fn words_say_what_they_mean() {
        let mut editor = Editor::new();
        editor.open(GOOD);
        let remarked = GOOD.replacen(
            "[actors.army]",
            "[actors.army]\nsays = \"It waits\"\nsource = \"a paper\"",
            1,
        );
        for (old, new, parts) in [
            (
                "rounds = 100",
                "rou|nds = 100",
                &["Rounds of `kzsim run`", "Range: 1 to", "Default: 100,000"][..],
            ),
            (
                "[actors.army]",
                "[actors.ar|my]",
                &["The army", "actor `army`", "It waits", "Source: a paper"],
            ),
            ("by = \"new\"", "by = \"ar|my\"", &["The army", "It waits"]),
            (
                "when = \"open_split == 0\"",
                "when = \"loyalty.a|rmy.new > 0\"",
                &["actor `army`"],
            ),
            (
                "when = \"open_split == 0\"",
                "when = \"loyalty.army.ne|w > 0\"",
                &["contender `new`"],
            ),
            (
                "when = \"open_split == 0\"",
                "when = \"loy|alty.army.new > 0\"",
                &["loyalty.ACTOR.CONTENDER"],
            ),
        ] {
            let told = editor.hover(&remarked.replacen(old, new, 1));
            for part in parts {
                assert!(told.contains(part), "{new}: {told}");
            }
        }
        let place = editor.at(
            "textDocument/definition",
            &GOOD.replacen("by = \"new\"", "by = \"n|ew\"", 1),
        );
        let line = GOOD
            .lines()
            .position(|l| l == "[actors.new]")
            .expect("an actor");
        assert_eq!(place["range"]["start"]["line"], line);
        assert_eq!(place["uri"], FILE);
        editor.end();
    }

    /// An editor sends what is there, also in the middle of a word.
    #[test]
    fn half_written_files_are_answered() {
        let mut editor = Editor::new();
        editor.open("");
        let text = "schema = 1\n[actors.ю]\nloyalty = { a = \"x.\n[[b\n\"\"\"\n'{it}' = [";
        for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
            let text = format!("{}|", &text[..end]);
            editor.at("textDocument/completion", &text);
            editor.at("textDocument/hover", &text);
            editor.at("textDocument/definition", &text);
        }
        // Ids are those of the text before where nothing can be read.
        editor.change(GOOD);
        let cut = GOOD.split("[actors.old]").next().expect("a part");
        let labels = editor.labels(&format!("{cut}\n[actors.|"));
        assert!(labels.contains(&"army".to_owned()), "{labels:?}");
        let unknown = editor.ask("textDocument/rename", json!({}));
        assert_eq!(unknown["error"], "kzsim does not know textDocument/rename");
        let wrong = editor.ask("textDocument/hover", json!({"position": 1}));
        assert!(wrong["error"].is_string());
        editor.end();
    }
}
