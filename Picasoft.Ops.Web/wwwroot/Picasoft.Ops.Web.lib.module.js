// What our pages tell the server about a row of a list: its number and what to do with it. One listener for the list, not two for each row.
// And the instant in a field that time-ago.js fills in by the reader's clock.
export function afterWebStarted(blazor) {
  blazor.registerCustomEventType('rowaction', { createEventArgs: event => event.detail });
  blazor.registerCustomEventType('instant', { browserEventName: 'input', createEventArgs: event => {
    const at = new Date(event.target.value); // without a zone: the reader's
    return { at: Number.isNaN(at.getTime()) ? '' : at.toISOString() };
  } });
}
