// The public API, as the page's customer; until there is a sign-in, that is a header.
const field = document.querySelector('#who input');
field.value = localStorage.getItem('customer') ?? field.value;

export const customer = () => field.value;

/** Calls back when the customer changes. */
export function onCustomer(changed) {
  const apply = () => {
    if (!field.reportValidity()) return;
    localStorage.setItem('customer', field.value);
    changed();
  };
  field.addEventListener('change', apply);
  field.form.addEventListener('submit', event => { event.preventDefault(); field.blur(); });
}

/** Fetches JSON; throws an Error with the text of the problem details. */
export async function call(path, { headers = {}, ...options } = {}) {
  const response = await fetch(path, { ...options, headers: { 'X-Customer': customer(), ...headers } });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw Object.assign(new Error(explain(body) ?? `The shop answered ${response.status}.`), { status: response.status });
  return body;
}

function explain(problem) {
  const fields = Object.values(problem?.errors ?? {}).flat();
  return fields.length > 0 ? fields.join(' ') : problem?.detail ?? problem?.title;
}
