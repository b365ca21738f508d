// Plays rounds beside the page. The module comes first, then questions.
let ask;
onmessage = ({ data }) => {
  if (data.module) {
    ask = WebAssembly.instantiate(data.module, {}).then((instance) => asker(instance.exports));
    return;
  }
  ask.then((ask) => ask(data.question)).catch((error) => ({ wrong: String(error) }))
    .then((answer) => postMessage({ id: data.id, answer }));
};
