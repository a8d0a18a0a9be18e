/** Attempts that a page which somebody got script into would make. Each runs in the page and answers `true` where it got through. */

export interface Bait {
  /** A server of the test that counts who comes; nobody may. `http://127.0.0.1:PORT` */
  readonly server: string
}

/** Runs in the page, so it uses nothing from outside itself. @returns name -> whether the attempt got through */
export async function attack({ server }: Bait): Promise<Record<string, boolean>> {
  // What the test's own connection calls stands above the policy; what comes out of a timer stands below it.
  await new Promise(resolve => setTimeout(resolve))
  const within = (milliseconds: number, work: (done: (through: boolean) => void) => void) =>
    new Promise<boolean>(resolve => {
      setTimeout(() => resolve(false), milliseconds)
      try {
        work(resolve)
      } catch {
        resolve(false)
      }
    })
  const element = (name: string, attributes: Record<string, string>) => (done: (through: boolean) => void) => {
    const made = document.createElement(name)
    made.addEventListener('load', () => done(true))
    made.addEventListener('error', () => done(false))
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    document.body.append(made)
  }
  const marks = (run: () => void) => (done: (through: boolean) => void) => {
    Reflect.deleteProperty(window, 'broken')
    run()
    setTimeout(() => done(Reflect.get(window, 'broken') === true), 300)
  }
  const refuses = (call: () => unknown) => (done: (through: boolean) => void) => {
    call()
    done(true)
  }
  const reaches = (call: () => Promise<unknown>) => (done: (through: boolean) => void) => {
    call().then(
      () => done(true),
      () => done(false),
    )
  }
  const html = (code: string) => () => {
    const box = document.createElement('div')
    box.innerHTML = code
    document.body.append(box)
  }
  const script = (text: string) => () => {
    const made = document.createElement('script')
    made.textContent = text
    document.body.append(made)
  }
  const code = 'window.broken = true'
  const evaluate: (text: string) => unknown = Reflect.get(window, 'eval')
  const FunctionOf: FunctionConstructor = Reflect.get(window, 'Function')
  const timer: (text: string) => void = Reflect.get(window, 'setTimeout')
  const attempts: Record<string, (done: (through: boolean) => void) => void> = {
    eval: refuses(() => evaluate(code)),
    'new Function': refuses(() => new FunctionOf(code)()),
    'a timer with text': marks(() => timer(code)),
    'an inline script': marks(script(code)),
    'an inline handler': marks(html(`<img src="no:" onerror="${code}">`)),
    'an svg handler': marks(html(`<svg onload="${code}"></svg>`)),
    'a javascript: link': marks(() => {
      const link = document.createElement('a')
      link.href = `javascript:${code}`
      document.body.append(link)
      link.click()
    }),
    'a script from elsewhere': element('script', { src: `${server}/x.js` }),
    'a module from elsewhere': reaches(() => import(/* @vite-ignore */ `${server}/x.js`)),
    'a script in a data: address': element('script', { src: `data:text/javascript,${encodeURIComponent(code)}` }),
    'a module in a blob': reaches(() => {
      const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
      return import(/* @vite-ignore */ address)
    }),
    'a worker in a blob': within0(() => new Worker(URL.createObjectURL(new Blob([`postMessage(1)`])))),
    'a worker from elsewhere': within0(() => new Worker(`${server}/x.js`)),
    fetch: reaches(() => fetch(`${server}/x`, { mode: 'no-cors' })),
    'fetch by POST': reaches(() => fetch(`${server}/x`, { method: 'POST', body: 'prompt', mode: 'no-cors' })),
    XMLHttpRequest: done => {
      const request = new XMLHttpRequest()
      request.onload = () => done(true)
      request.onerror = () => done(false)
      request.open('GET', `${server}/x`)
      request.send()
    },
    WebSocket: done => {
      const socket = new WebSocket(server.replace('http', 'ws'))
      socket.onopen = () => done(true)
      socket.onerror = () => done(false)
    },
    EventSource: done => {
      const source = new EventSource(`${server}/x`)
      source.onopen = () => done(true)
      source.onerror = () => done(false)
    },
    'a picture from elsewhere': element('img', { src: `${server}/x.png` }),
    'a style sheet from elsewhere': element('link', { rel: 'stylesheet', href: `${server}/x.css` }),
    'a font from elsewhere': reaches(() => new FontFace('x', `url(${server}/x.woff2)`).load()),
    'a video from elsewhere': done => {
      const video = document.createElement('video')
      video.onloadeddata = () => done(true)
      video.onerror = () => done(false)
      video.src = `${server}/x.mp4`
    },
    'a frame from elsewhere': framed(`${server}/x.html`),
    'a frame in a data: address': framed('data:text/html,<script>parent.postMessage("broken","*")</script>'),
    'a frame with its own text': framed(undefined),
    'an object': element('object', { data: `${server}/x.svg`, type: 'image/svg+xml' }),
    'an embed': element('embed', { src: `${server}/x.svg`, type: 'image/svg+xml' }),
    'the file system': reaches(() => fetch('file:///etc/passwd')),
    'a picture of the file system': element('img', { src: 'file:///usr/share/pixmaps/debian-logo.png' }),
    'a new base address': marks(() => {
      const base = document.createElement('base')
      base.href = `${server}/`
      document.head.prepend(base)
      if (document.baseURI.startsWith(server)) Reflect.set(window, 'broken', true)
      base.remove()
    }),
    'the place': done =>
      navigator.geolocation.getCurrentPosition(
        () => done(true),
        () => done(false),
      ),
    'the camera': reaches(() => navigator.mediaDevices.getUserMedia({ video: true })),
    'the microphone': reaches(() => navigator.mediaDevices.getUserMedia({ audio: true })),
    'the screen': reaches(() => navigator.mediaDevices.getDisplayMedia()),
    'reading the clipboard': reaches(() => navigator.clipboard.readText()),
    'MIDI devices': reaches(() => navigator.requestMIDIAccess({ sysex: true })),
    'USB devices': reaches(() => Reflect.get(navigator, 'usb').requestDevice({ filters: [] })),
    'serial devices': reaches(() => Reflect.get(navigator, 'serial').requestPort()),
    'Bluetooth devices': reaches(() => Reflect.get(navigator, 'bluetooth').requestDevice({ acceptAllDevices: true })),
    notifications: reaches(async () => {
      if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied')
    }),
    require: done => done(Reflect.has(window, 'require')),
    process: done => done(Reflect.has(window, 'process')),
    module: done => done(Reflect.has(window, 'module')),
    Buffer: done => done(Reflect.has(window, 'Buffer')),
  }
  function within0(make: () => Worker): (done: (through: boolean) => void) => void {
    return done => {
      const worker = make()
      worker.onmessage = () => done(true)
      worker.onerror = () => done(false)
    }
  }
  function framed(address: string | undefined): (done: (through: boolean) => void) => void {
    return done => {
      window.addEventListener('message', ({ data }) => data === 'broken' && done(true))
      const frame = document.createElement('iframe')
      if (address === undefined) frame.srcdoc = '<script>parent.postMessage("broken","*")</script>'
      else frame.src = address
      document.body.append(frame)
    }
  }
  const outcomes = await Promise.all(
    Object.entries(attempts).map(async ([name, attempt]) => [name, await within(1500, attempt)] as const),
  )
  return Object.fromEntries(outcomes)
}
