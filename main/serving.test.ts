import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serve } from './serving.ts'

const root = mkdtempSync(join(tmpdir(), 'sfumato-serving-'))
const page = join(root, 'page')
const hash = 'a1'.repeat(32)
mkdirSync(join(page, 'assets'), { recursive: true })
writeFileSync(join(page, 'index.html'), '<!doctype html>')
writeFileSync(join(page, 'assets', 'index.js'), 'export {}')
writeFileSync(join(root, 'secret.txt'), 'secret')
writeFileSync(join(root, 'blob'), Buffer.from('89504e470d0a1a0a', 'hex'))
symlinkSync(root, join(page, 'assets', 'out'))

const page64 = 'c3'.repeat(32)
const blobs = new Map([
  [hash, { path: join(root, 'blob'), type: 'image/png' }],
  [page64, { path: join(root, 'page', 'index.html'), type: 'text/html' }],
])
const answer = serve({ page, blobPath: async asked => blobs.get(asked) })

test('the page and its parts come with their types and a strict policy', async () => {
  const index = await answer('/')
  expect(index).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' } })
  expect(index.headers['Content-Security-Policy']).toContain("default-src 'none'; script-src 'self'; ")
  expect(index.headers['Content-Security-Policy']).not.toMatch(/unsafe-eval|https?:|script-src[^;]*unsafe/)
  expect(await answer('/assets/index.js')).toMatchObject({
    status: 200,
    headers: { 'Content-Type': 'text/javascript; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  })
})

test('a picture comes by its hash, and only by the hash of one that exists', async () => {
  const picture = await answer(`/blob/${hash}`)
  expect(picture).toMatchObject({ status: 200, headers: { 'Content-Type': 'image/png' } })
  expect(picture.body?.length).toBe(8)
  expect((await answer(`/blob/${'b2'.repeat(32)}`)).status).toBe(404)
  const noPicture = await answer(`/blob/${page64}`)
  expect(noPicture.headers['Content-Type']).toBe('application/octet-stream')
})

/** Spellings that have led servers out of their folder: dots plain, encoded once, twice, overlong; other separators; drives,
 *  shares, NUL, streams, links, other roots. */
const dots = [
  '..',
  '.',
  '%2e%2e',
  '%2E%2e',
  '%252e%252e',
  '.%2e',
  '%c0%ae%c0%ae',
  '%u002e%u002e',
  '．．',
  '...',
  '....',
]
const separators = ['/', '\\', '%2f', '%5c', '%255c', '%c0%af', '//', '/./', '∕', ';/']
const targets = ['secret.txt', 'etc/passwd', 'package.json']
const prefixes = ['/', '/assets/', '/blob/', '/assets/index.js/', '//', '/\\']
const spellings = [
  ...prefixes.flatMap(prefix =>
    dots.flatMap(dot => separators.flatMap(separator => targets.map(target => `${prefix}${dot}${separator}${target}`))),
  ),
  '/etc/passwd',
  '/C:/Windows/win.ini',
  '/C:%5CWindows%5Cwin.ini',
  '/\\\\host\\share\\x',
  '/file:///etc/passwd',
  '/assets/index.js%00.png',
  '/assets/index.js\0',
  '/assets/index.js::$DATA',
  '/assets/INDEX.JS',
  '/assets/out/secret.txt',
  '/assets',
  '/assets/',
  '/index.html/',
  `/${'a'.repeat(100_000)}`,
  '/__proto__',
  '/constructor',
  '',
]
const ids = [
  hash.toUpperCase(),
  hash.slice(1),
  `${hash}0`,
  `${hash}/`,
  `${hash}.png`,
  `${hash}%00`,
  `${hash}\n`,
  `../${hash}`,
  'g'.repeat(64),
  '%61'.repeat(64),
  '١'.repeat(64),
  '',
]

test(`${spellings.length} spellings of paths outside the page and ${ids.length} ids that are no hash are refused`, async () => {
  const asked = [...spellings, ...ids.map(id => `/blob/${id}`)]
  const served: string[] = []
  for (const path of asked) if ((await answer(path)).status !== 403) served.push(path)
  expect(served).toEqual([])
})
