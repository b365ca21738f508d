// The engine: a question as JSON goes in, its answer comes out. Here and in every worker.
function asker(engine) {
  return (question) => {
    const bytes = new TextEncoder().encode(JSON.stringify(question));
    // Memory moves as it grows, so it is looked at after each call.
    const room = engine.room(bytes.length);
    new Uint8Array(engine.memory.buffer, room, bytes.length).set(bytes);
    const [length, answer] = [engine.ask(), engine.answer()];
    return JSON.parse(new TextDecoder().decode(new Uint8Array(engine.memory.buffer, answer, length)));
  };
}
