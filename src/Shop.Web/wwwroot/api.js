/** The public API, as whoever is signed in. Fetches JSON; throws an Error with the text of the problem details. */
export async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => null);
  if (!response.ok) throw Object.assign(new Error(explain(body) ?? `The shop answered ${response.status}.`), { status: response.status });
  return body;
}

function explain(problem) {
  const fields = Object.values(problem?.errors ?? {}).flat();
  return fields.length > 0 ? fields.join(' ') : problem?.detail ?? problem?.title;
}
