// What our pages tell the server about a row of a list: its number and what to do with it. One listener for the list, not two for each row.
export function afterWebStarted(blazor) {
  blazor.registerCustomEventType('rowaction', { createEventArgs: event => event.detail });
}
