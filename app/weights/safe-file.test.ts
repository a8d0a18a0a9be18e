import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { writeFileSafely } from './safe-file.ts'

const root = mkdtempSync(join(tmpdir(), 'sfumato-safe-file-'))
afterAll(() => rmSync(root, { recursive: true }))

const code = (path: string, chunks: Iterable<Uint8Array>): string => {
  try {
    writeFileSafely(path, chunks)
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'written'
}

test('all chunks are written, over an old file too', () => {
  const path = join(root, 'a')
  writeFileSafely(path, [Buffer.from('old')])
  writeFileSafely(path, [Buffer.from('new '), Buffer.alloc(0), Buffer.from('words')])
  expect(readFileSync(path, 'utf8')).toBe('new words')
  expect(readdirSync(root)).toEqual(['a'])
})

test('when the content fails half way, the old file stays whole and nothing is left behind', () => {
  const folder = join(root, 'half')
  mkdirSync(folder)
  const path = join(folder, 'a')
  writeFileSync(path, 'old')
  function* failing() {
    yield Buffer.from('new')
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }
  expect(code(path, failing())).toBe('DISK_FULL')
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['a'])
})

test('places that cannot be written are named', () => {
  writeFileSync(join(root, 'file'), '')
  mkdirSync(join(root, 'folder'))
  expect(code(join(root, 'none', 'a'), [])).toBe('FILE_MISSING')
  expect(code(join(root, 'file', 'a'), [])).toBe('FILE_MISSING')
  expect(code(join(root, 'folder'), [])).toMatch(/^FILE_/)
  expect(readdirSync(join(root, 'folder'))).toEqual([])
})

/** Mounts a disk of 64 KiB; only an administrator of a Linux system may. */
function smallDisk(): string | undefined {
  const folder = join(root, 'disk')
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    return undefined
  }
}

test('a full disk is told, and keeps what it had', context => {
  const disk = smallDisk()
  if (disk === undefined) return context.skip('no right to mount a small disk')
  try {
    const path = join(disk, 'a')
    writeFileSafely(path, [Buffer.alloc(1000, 'o')])
    expect(code(path, [Buffer.alloc(40_000), Buffer.alloc(40_000)])).toBe('DISK_FULL')
    expect(readFileSync(path, 'utf8')).toBe('o'.repeat(1000))
    expect(readdirSync(disk)).toEqual(['a'])
  } finally {
    execFileSync('umount', [disk])
  }
})
