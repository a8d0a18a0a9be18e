import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

/** What a page may load, and with which headers: the same for the window's own scheme and for browser mode. */

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** React and Konva set styles from script, so styles may be inline; scripts never are, and nothing comes from elsewhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const securityHeaders: Record<string, string> = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), midi=(), payment=()',
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

export interface Sources {
  /** The folder of the built page. */
  readonly page: string
  /** Where the picture with this hash lies and its media type; the engine knows. */
  readonly blobPath: (hash: string) => Promise<{ path: string; type: string } | undefined>
}

const refusal = (status: number): Answer => ({ status, headers: { ...securityHeaders }, body: undefined })

/** Answers a path such as `/`, `/assets/index.js`, `/blob/<64 hex digits>`.
 *
 *  No path from outside is ever joined to a folder: a page's file is looked up by its exact name in the list of files that
 *  the build made, and a picture by the hash that the library knows. Every other spelling is 403. */
export function serve(sources: Sources): (path: string) => Promise<Answer> {
  const files = listFiles(sources.page)
  return async path => {
    const hash = /^\/blob\/([0-9a-f]{64})$/.exec(path)?.[1]
    if (hash !== undefined) return await blob(sources, hash)
    const file = (await files).get(path === '/' ? '/index.html' : path)
    if (file === undefined) return refusal(403)
    const type = types[extname(file)] ?? 'application/octet-stream'
    return { status: 200, headers: { ...securityHeaders, 'Content-Type': type }, body: await readFile(file) }
  }
}

/** `/assets/index.js` -> its file, for every plain file in the folder of the built page; links are not followed. */
async function listFiles(folder: string, prefix = '/'): Promise<Map<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true })
  const lists = entries.map(async entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return [...(await listFiles(path, `${prefix}${entry.name}/`))]
    return entry.isFile() ? [[`${prefix}${entry.name}`, path] as const] : []
  })
  return new Map((await Promise.all(lists)).flat())
}

async function blob({ blobPath }: Sources, hash: string): Promise<Answer> {
  const found = await blobPath(hash)
  const body = found && (await readFile(found.path).catch(() => undefined))
  if (found === undefined || body === undefined) return refusal(404)
  const headers = {
    ...securityHeaders,
    'Content-Type': pictures.has(found.type) ? found.type : 'application/octet-stream',
    // The name is the content's hash, so it never means anything else.
    'Cache-Control': 'private, max-age=31536000, immutable',
  }
  return { status: 200, headers, body }
}

/** The library keeps pictures; what is something else is handed over as bytes that no page will run or show. */
const pictures = new Set(['image/png', 'image/jpeg', 'image/webp'])

/** The parts of an address, or undefined where it is none (Electron's older Node has no `URL.canParse`). */
export function parseAddress(address: string): URL | undefined {
  try {
    return new URL(address)
  } catch {
    return undefined
  }
}
