import { contextBridge, ipcRenderer, webFrame, webUtils } from 'electron'

/** All that a page gets from Electron: a wire to the engine, and where a dropped file lies. */
const bridge = {
  /** The system that it runs on, for keys and window buttons: "linux", "win32", "darwin". */
  platform: process.platform,

  /** Asks for a wire to the engine. A `{ type: 'sfumato:port' }` message with one MessagePort then arrives in the window;
   *  the port closes when the engine ends, and the page asks again. */
  connect(): void {
    ipcRenderer.send('sfumato:connect')
  },

  /** Tells of something that is done, by the system's own notification; a click on it shows the window. */
  notify(title: string, body: string): void {
    ipcRenderer.send('sfumato:notify', title, body)
  },

  /** Makes these the native menus. What is chosen in them comes as a `{ type: 'sfumato:command', id }` message in the window. */
  setMenus(menus: unknown): void {
    ipcRenderer.send('sfumato:menus', menus)
  },

  /** How large everything in the window is; 1 is the usual size. Kept by the window from one start to the next. */
  scale: {
    get: (): number => webFrame.getZoomFactor(),
    set(factor: number): void {
      if (factor >= 0.8 && factor <= 2) webFrame.setZoomFactor(factor)
    },
  },

  /** The path of a file that the person dropped or chose; empty where there is none (a picture out of a browser). */
  pathForFile(file: File): string {
    // Electron before version 32 has no webUtils and says it on the file itself.
    if (typeof webUtils === 'undefined') return 'path' in file && typeof file.path === 'string' ? file.path : ''
    return webUtils.getPathForFile(file)
  },
}

ipcRenderer.on('sfumato:port', event => {
  window.postMessage({ type: 'sfumato:port' }, window.origin, [...event.ports])
})

ipcRenderer.on('sfumato:command', (_event, id: unknown) => {
  window.postMessage({ type: 'sfumato:command', id }, window.origin)
})

contextBridge.exposeInMainWorld('sfumato', bridge)
