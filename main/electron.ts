import { join } from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  type IpcMainEvent,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
} from 'electron'
import { Problem } from '../app/problem.ts'
import { type EngineProcess, startEngine } from './engine-process.ts'
import { relay } from './engine-relay.ts'
import { homeFolder } from './home.ts'
import { logTo } from './log-file.ts'
import { applicationMenu, type MenuWords, menusOf } from './menu.ts'
import { nodeBinary, unpacked } from './node-binary.ts'
import { declareScheme, origin, serveScheme } from './protocol.ts'
import { parseAddress } from './serving.ts'
import { guard, guardSession, openWindow } from './window.ts'

/** Electron's own process: one window, its scheme, and the wire between page and engine. It decides nothing about pictures.
 *  Nothing newer than Node 18 here. */

const root = join(import.meta.dirname, '..')
const installation = { packaged: app.isPackaged, root, resources: process.resourcesPath }
const home = homeFolder()
let window: BrowserWindow | undefined
let engine: EngineProcess | undefined

const log = logTo(join(home, 'logs', 'app.log'))

function startTheEngine(): EngineProcess {
  const started = startEngine({
    node: nodeBinary(installation),
    entry: unpacked(installation, 'engine.cjs'),
    home,
    models: join(app.isPackaged ? process.resourcesPath : root, 'native-models'),
    log: logTo(join(home, 'logs', 'engine.log')),
  })
  let said = ''
  started.onState((_state, problem) => {
    // The page can only say that the engine is away; why it cannot start at all is said here, once.
    if (problem === undefined || problem.message === said) return
    said = problem.message
    const options = { type: 'error', message: problem.message, detail: problem.hint ?? '' } as const
    void (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options))
  })
  return started
}

/** Only the studio's own page, in its own window, in its top frame, is answered. */
function isFromThePage({ sender, senderFrame }: IpcMainEvent): boolean {
  if (window === undefined || sender !== window.webContents || senderFrame === null) return false
  const address = parseAddress(senderFrame.url)
  return senderFrame === sender.mainFrame && `${address?.protocol}//${address?.host}` === origin
}

function connectPage(event: IpcMainEvent): void {
  if (engine === undefined || !isFromThePage(event)) return
  const { port1, port2 } = new MessageChannelMain()
  relay(port1, engine.openChannel())
  event.senderFrame?.postMessage('sfumato:port', null, [port2])
}

/** The page's words, at most two short lines of them, as a notification of the system. */
function notify(event: IpcMainEvent, title: unknown, body: unknown): void {
  if (!isFromThePage(event) || typeof title !== 'string' || typeof body !== 'string' || !Notification.isSupported())
    return
  const notification = new Notification({ title: title.slice(0, 80), body: body.slice(0, 200) })
  notification.on('click', () => {
    window?.show()
    window?.focus()
  })
  notification.show()
}

/** Makes what the page told the native menus. */
function showMenus(menus: readonly MenuWords[]): void {
  const run = (command: string) => window?.webContents.send('sfumato:command', command)
  Menu.setApplicationMenu(applicationMenu({ window: () => window, menus, development: !app.isPackaged, run }))
}

function open(): void {
  window = openWindow({
    preload: join(import.meta.dirname, 'preload.cjs'),
    placeFile: join(home, 'window', 'place.json'),
  })
  window.on('closed', () => {
    window = undefined
  })
}

async function start(): Promise<void> {
  await app.whenReady()
  guardSession()
  showMenus([])
  try {
    engine = startTheEngine()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    dialog.showErrorBox(error.message, error.hint ?? '')
    return app.exit(1)
  }
  const { blobPath } = engine
  serveScheme({ page: join(root, 'dist', 'renderer'), blobPath: blobPath.bind(engine) })
  ipcMain.on('sfumato:connect', connectPage)
  ipcMain.on('sfumato:notify', notify)
  ipcMain.on('sfumato:menus', (event, menus: unknown) => {
    if (isFromThePage(event)) showMenus(menusOf(menus))
  })
  open()
}

/** The engine puts its things away before the app leaves. */
function stopFirst(event: { preventDefault(): void }): void {
  if (engine === undefined) return
  event.preventDefault()
  const stopping = engine
  engine = undefined
  void stopping.stop().finally(() => app.quit())
}

// Electron's own answer is a dialog that stops everything; one failed message is no reason to take the window away.
process.on('uncaughtException', error => log(error.stack ?? error.message))
app.setPath('userData', join(home, 'window'))
// Chromium's own services would call home.
for (const quiet of [
  'disable-background-networking',
  'disable-component-update',
  'disable-domain-reliability',
  'no-pings',
]) {
  app.commandLine.appendSwitch(quiet)
}
// A person who runs it as root has said --no-sandbox; Chromium's parts would not start with both.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
declareScheme()
app.on('web-contents-created', (_event, contents) => guard(contents))
app.on('window-all-closed', () => app.quit())
app.on('will-quit', stopFirst)
app.on('second-instance', () => {
  if (window?.isMinimized()) window.restore()
  window?.focus()
})
if (app.requestSingleInstanceLock()) void start()
else app.quit()
