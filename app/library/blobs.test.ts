import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type Disk, realDisk } from './blobs.ts'
import { addImage, problemCode, temporaryFolder, testLibrary } from './testing.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => entry.name)

test('bytes lie under their SHA-256, once', async () => {
  const home = temporaryFolder()
  const library = testLibrary({ home })
  const bytes = Buffer.from('pixels')
  const blob = await library.blobs.put(bytes, 'image/png')
  expect(blob).toEqual({ hash: sha256(bytes), type: 'image/png', bytes: 6 })
  expect(await library.blobs.put(bytes, 'image/png')).toEqual(blob)
  library.images.add([{ blob, width: 1, height: 1, index: 0 }])
  const found = library.blobs.find(blob.hash)
  expect(found?.type).toBe('image/png')
  expect(readFileSync(found?.path ?? '')).toEqual(bytes)
  expect(filesBelow(join(home, 'blobs'))).toEqual([`${blob.hash}.png`])
})

test('what is no hash of the library has no path', () => {
  const library = testLibrary()
  for (const odd of ['', '..', '../../etc/passwd', 'a'.repeat(64), '%2e%2e', "' OR 1=1 --"]) {
    expect(library.blobs.find(odd)).toBeUndefined()
  }
})

/** A disk whose nth operation fails. */
function failingDisk(nth: number, code: string): { disk: Disk; failed: () => boolean } {
  let count = 0
  const failing =
    <Given extends unknown[]>(work: (...given: Given) => Promise<void>) =>
    async (...given: Given) => {
      if (++count === nth) throw Object.assign(new Error(code), { code })
      await work(...given)
    }
  const { makeFolder, rename, syncFolder, remove } = realDisk
  return {
    failed: () => count >= nth,
    disk: {
      makeFolder: failing(makeFolder),
      rename: failing(rename),
      syncFolder: failing(syncFolder),
      remove,
      // A full disk stops in the middle of a file.
      writeDurably: failing(realDisk.writeDurably),
    },
  }
}

const problemOf = { ENOSPC: 'DISK_FULL', EIO: 'DISK_ERROR', EROFS: 'LIBRARY_READ_ONLY' }

for (const [code, problem] of Object.entries(problemOf)) {
  test(`every disk operation of storing a picture may fail once with ${code}: said in words, nothing half done`, async () => {
    let nth = 0
    for (;;) {
      const home = temporaryFolder()
      const { disk, failed } = failingDisk(++nth, code)
      const library = testLibrary({ home, disk })
      const bytes = Buffer.from(`pixels ${nth}`)
      const found = await problemCode(() => library.blobs.put(bytes, 'image/png'))
      expect(found).toBe(failed() ? problem : 'nothing was thrown')
      // The same again works, and the file is whole.
      const blob = await library.blobs.put(bytes, 'image/png')
      library.images.add([{ blob, width: 1, height: 1, index: 0 }])
      expect(filesBelow(join(home, 'blobs'))).toEqual([`${sha256(bytes)}.png`])
      library.close()
      if (!failed()) break
    }
    expect(nth).toBeGreaterThan(5)
  })
}

test('a file that stops in the middle because the disk is full is taken away again', async () => {
  const home = temporaryFolder()
  const disk: Disk = {
    ...realDisk,
    async writeDurably(path, bytes) {
      writeFileSync(path, bytes.subarray(0, 3))
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    },
  }
  const library = testLibrary({ home, disk })
  expect(await problemCode(() => library.blobs.put(Buffer.from('pixels'), 'image/png'))).toBe('DISK_FULL')
  expect(filesBelow(join(home, 'blobs'))).toEqual([])
})

test('files without a row and rows without a file are reported and left as they are', async () => {
  const home = temporaryFolder()
  const library = testLibrary({ home })
  const orphan = await library.blobs.put(Buffer.from('never recorded'), 'image/png')
  const orphanPath = join(home, 'blobs', orphan.hash.slice(0, 2), `${orphan.hash}.png`)
  const lost = await addImage(library)
  rmSync(library.blobs.find(lost.hash)?.path ?? '')
  const half = join(home, 'blobs', 'incoming', 'dead-engine.1')
  mkdirSync(dirname(half), { recursive: true })
  writeFileSync(half, 'pix')
  const report = await library.blobs.check(new Set([library.engine]))
  expect(report).toEqual({ filesWithoutRow: [orphanPath], rowsWithoutFile: [lost.hash], leftovers: [half] })
  expect(existsSync(orphanPath)).toBe(true)
  expect(library.images.get(lost.id).hash).toBe(lost.hash)
})
