// What a page can do. Each function gives what the page got to see of the answer.

async function fetched({ url, ...request }) {
  try {
    const response = await fetch(url, request);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text: await response.text() };
  } catch (error) {
    return { error: error.name };
  }
}

// The same from a frame that is sandboxed, so that its origin is opaque.
function fetchedInSandbox(request) {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  const call = `fetched(${JSON.stringify(request)}).then(seen => parent.postMessage(seen, "*"))`;
  frame.srcdoc = `<script>${fetched}; ${call}</script>`;
  const seen = new Promise(resolve => {
    addEventListener("message", message => resolve(message.data), { once: true });
  });
  document.body.append(frame);
  return seen;
}

// The same as an upload whose progress is listened to, which asks for a preflight by itself.
function uploaded({ url, method, headers, body }) {
  return new Promise(resolve => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = () => {};
    request.onerror = () => resolve({ error: "TypeError" });
    request.onload = () => {
      const lines = request.getAllResponseHeaders().trim().split("\r\n");
      const headers = Object.fromEntries(lines.map(line => line.split(/: ?(.*)/, 2)));
      resolve({ status: request.status, headers, text: request.responseText });
    };
    request.send(body);
  });
}

// An image. Without `crossOrigin` its request is of mode `no-cors`, which has no `Origin`.
function shown({ url, crossOrigin }) {
  return new Promise(resolve => {
    const image = new Image();
    image.crossOrigin = crossOrigin;
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
}

function setCookie() {
  document.cookie = "session=1";
}
