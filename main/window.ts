import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app, BrowserWindow, dialog, nativeTheme, screen, session, shell, type WebContents } from 'electron'
import { origin } from './protocol.ts'
import { outsideAddress, progressInTitle } from './window-rules.ts'

/** Holds for every page in the app, windows and frames that somebody smuggles in included. */
export function guard(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    const address = outsideAddress(url)
    if (address !== undefined) void shell.openExternal(address)
    return { action: 'deny' }
  })
  contents.on('will-navigate', (event, url) => {
    if (url !== `${origin}/`) event.preventDefault()
  })
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
}

/** Nothing that a page loads comes from the network, and no permission is ever given. */
export function guardSession(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(allowed.has(permission)))
  defaultSession.setPermissionCheckHandler((_contents, permission) => allowed.has(permission))
  defaultSession.setDevicePermissionHandler(() => false)
  // Files that the page writes: Chromium asks where, writes under a temporary name and renames at the end.
  defaultSession.on('will-download', (_event, item) => {
    item.setSaveDialogOptions({ title: 'Save file', defaultPath: item.getFilename() })
    item.once('done', (_done, state) => {
      if (state !== 'interrupted') return
      const detail = 'There may be no room on the disk, or no right to write there. Save it somewhere else.'
      void dialog.showMessageBox({ type: 'error', message: `“${item.getFilename()}” was not saved.`, detail })
    })
  })
  // Its dictionaries would be fetched.
  defaultSession.setSpellCheckerEnabled(false)
  const outside = { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] }
  defaultSession.webRequest.onBeforeRequest(outside, (_details, answer) => answer({ cancel: true }))
}

/** Copying a recipe or a picture, and hiding the pointer while a number is scrubbed. */
const allowed = new Set(['clipboard-sanitized-write', 'pointerLock'])

interface Place {
  x?: number
  y?: number
  width: number
  height: number
  maximized: boolean
  /** How large everything in it is; 1 is the usual size. */
  scale: number
}

/** Where the window was, if that is still on a screen; else a size that suits the screen, in its middle. */
function lastPlace(file: string): Place {
  const { width, height } = screen.getPrimaryDisplay().workAreaSize
  const usual = { width: Math.min(1440, width), height: Math.min(900, height), maximized: false, scale: 1 }
  try {
    const place: Place = { ...usual, ...JSON.parse(readFileSync(file, 'utf8')) }
    const { x, y } = place
    const onScreen = screen.getAllDisplays().some(({ workArea: area }) => {
      if (x === undefined || y === undefined) return false
      return (
        x < area.x + area.width - 80 && x + place.width > area.x + 80 && y >= area.y && y < area.y + area.height - 80
      )
    })
    const { maximized, scale } = place
    return onScreen ? place : { ...usual, maximized, scale }
  } catch {
    return usual
  }
}

function keepPlace(window: BrowserWindow, file: string): void {
  const scale = window.webContents.getZoomFactor()
  const place: Place = { ...window.getNormalBounds(), maximized: window.isMaximized(), scale }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(place))
  renameSync(`${file}.new`, file)
}

/** Opens the studio's window. @param options.placeFile where its size and place are kept */
export function openWindow({ preload, placeFile }: { preload: string; placeFile: string }): BrowserWindow {
  const { maximized, scale, ...place } = lastPlace(placeFile)
  const window = new BrowserWindow({
    ...place,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Sfumato',
    icon: join(import.meta.dirname, '..', 'resources', 'icon.png'),
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#171717' : '#dedede',
    webPreferences: {
      preload,
      zoomFactor: scale,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => keepPlace(window, placeFile))
  window.on('page-title-updated', (_event, title) => window.setProgressBar(progressInTitle(title)))
  // The page holds no work that is not saved: after a crash of its process it is opened again.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') window.webContents.reload()
  })
  // An empty page is the one place that no event asks about before; from there the way leads back.
  window.webContents.on('did-navigate', (_event, url) => {
    if (url !== `${origin}/`) void window.loadURL(`${origin}/`)
  })
  void window.loadURL(`${origin}/`)
  return window
}
