import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Edit, newLayer } from '../app/api/documents.ts'
import { edit, put, request, tilePng } from '../app/library/documents/testing.ts'
import type { Client } from '../test/faults/page.ts'
import { engineApart, engineHere, temporaryHome, until } from '../test/faults/studio.ts'
import { serveLoopback } from './loopback.ts'

const layers = [newLayer({ kind: 'paint', name: 'Ink', id: 'ink' })]
const size = { width: 4096, height: 4096 }
const files = (tiles: readonly Buffer[]) => tiles.map(png => new Blob([new Uint8Array(png)]))

/** Tiles of a layer, then the edit that names them, as a page sends a stroke. */
async function stroke(client: Client, step: { id: string; revision: number }, tiles: readonly Buffer[], column = 0) {
  const { hashes } = await client.documents.storeTiles({ tiles: files(tiles) })
  const change: Edit = edit('Brush', put('ink', hashes, column))
  return { hashes, ...(await client.documents.apply({ ...step, request: request(), edit: change })) }
}

test('over the API: a document is painted, undone, kept, thrown away, and every page hears of it', async () => {
  const { client, blobPath } = await engineHere()
  const events = await client.system.events()
  const { id } = await client.documents.create({ name: 'Harbour', ...size, layers })
  const tiles = [tilePng(1), tilePng(2)]
  const { hashes, ...state } = await stroke(client, { id, revision: 0 }, tiles)
  expect(hashes).toEqual(tiles.map(png => createHash('sha256').update(png).digest('hex')))
  expect(state).toEqual({ revision: 1, undo: 'Brush' })
  // The page loads them as it loads pictures.
  expect(blobPath(hashes[0])).toMatchObject({ type: 'image/png' })
  expect(readFileSync(blobPath(hashes[0])?.path ?? '')).toEqual(tiles[0])
  const { document } = await client.documents.open({ id })
  expect(document.layers[0].tiles).toEqual({ '0,0': hashes[0], '1,0': hashes[1] })
  expect(await client.documents.undo({ id, revision: 1 })).toMatchObject({ revision: 2, redo: 'Brush' })
  expect(await client.documents.redo({ id, revision: 2 })).toMatchObject({ revision: 3, undo: 'Brush' })
  const version = await client.documents.keepVersion({ id, name: 'Sketch' })
  expect(await client.documents.version({ id, version: version.id })).toEqual(document)
  const picture = new Blob([new Uint8Array(tilePng(3, { width: 300, height: 200 }))])
  const { thumbnail } = await client.documents.setThumbnail({ id, picture })
  expect(blobPath(thumbnail ?? '')).toBeDefined()
  await client.documents.trash({ ids: [id] })
  expect(await client.documents.list()).toEqual([])
  expect(await client.documents.emptyTrash()).toEqual({ removed: 1 })
  const seen = await until(events, event => event.type === 'documents removed')
  expect(seen.at(-1)).toEqual({ type: 'documents removed', ids: [id] })
})

test('what cannot be stored is refused with a sentence', async () => {
  const { client } = await engineHere()
  const { id } = await client.documents.create({ ...size, layers })
  const refused = (call: Promise<unknown>) => call.catch((error: unknown) => error instanceof ORPCError && error.data)
  expect(await refused(client.documents.storeTiles({ tiles: [new Blob(['<svg/>'])] }))).toMatchObject({
    code: 'TILE_INVALID',
    message: 'A piece of the picture cannot be stored: it is no PNG file.',
  })
  const many = Array.from({ length: 49 }, () => new Blob(['x']))
  expect(await refused(client.documents.storeTiles({ tiles: many }))).toMatchObject({ code: 'CALL_INVALID' })
  const long = edit('x'.repeat(201))
  expect(await refused(client.documents.apply({ id, revision: 0, edit: long }))).toMatchObject({ code: 'CALL_INVALID' })
  expect(await refused(client.documents.apply({ id, revision: 7, edit: edit('Late') }))).toMatchObject({
    code: 'DOCUMENT_CHANGED',
    hint: 'Open it again to go on from there.',
  })
  expect(await client.documents.open({ id })).toMatchObject({ revision: 0 })
})

test('in browser mode tiles go up as bytes over the wire of the page, and come back as pictures to its cookie alone', async () => {
  const page = temporaryHome()
  writeFileSync(join(page, 'index.html'), '<!doctype html>')
  const { engine } = engineApart()
  const loopback = await serveLoopback({ page, engine })
  onTestFinished(() => loopback.close())
  const { origin, host, hash } = new URL(loopback.address)
  const token = hash.slice('#token='.length)
  const socket = new WebSocket(`ws://${host}/api?token=${token}`, { headers: { origin } })
  let cookie = ''
  socket.on('upgrade', response => {
    cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  })
  await once(socket, 'open')
  const client: Client = createORPCClient(new RPCLink({ websocket: socket }))
  // As many and as large as one call takes.
  const tiles = Array.from({ length: 48 }, (_, k) => tilePng(k, { isRough: true }))
  const { hashes } = await client.documents.storeTiles({ tiles: files(tiles) })
  const get = (headers: Record<string, string>) => fetch(`${origin}/blob/${hashes[47]}`, { headers })
  const answer = await get({ cookie })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(Buffer.from(await answer.arrayBuffer()).equals(tiles[47])).toBe(true)
  expect((await get({})).status).toBe(403)
  expect((await get({ cookie, origin: 'http://evil.example' })).status).toBe(403)
  socket.close()
})
