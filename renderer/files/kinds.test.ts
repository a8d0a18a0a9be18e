import { expect, test } from 'vitest'
import { gather } from './gather.ts'
import { looksLikePicture, questionOf } from './kinds.ts'

const file = (name: string, type = '') => new File(['x'], name, { type })

test('500 files at once: the first hundred by name are offered, and the others are counted', () => {
  const pictures = Array.from({ length: 500 }, (_, k) => file(`p${k}.png`))
  const { pictures: taken, title, words } = questionOf([...pictures, file('notes.txt'), file('a.zip')], [])
  expect(title).toBe('Open 100 pictures?')
  expect(words).toContain('There are 500; the first 100 by name are taken.')
  expect(words).toContain('2 other files are left out.')
  expect(taken.map(({ name }) => name).slice(8, 12)).toEqual(['p8.png', 'p9.png', 'p10.png', 'p11.png'])
})

test('a folder is named, and so is that there was more in it than anybody looks at', () => {
  expect(questionOf([file('a.jpg')], ['Holiday']).title).toBe('Open 1 picture of “Holiday”?')
  expect(questionOf([file('a.jpg')], ['a', 'b']).title).toBe('Open 1 picture of 2 folders?')
  const many = Array.from({ length: 101 }, (_, k) => file(`${k}.webp`))
  expect(questionOf(many, ['Holiday'], true).words).toContain('There are 101 or more;')
  expect(questionOf([file('notes.txt', 'text/plain')], ['Words']).pictures).toEqual([])
})

test('what says that it is a picture counts as one, whatever it is called', () => {
  expect(looksLikePicture({ name: 'scan', type: 'image/x-something' })).toBe(true)
  expect(looksLikePicture({ name: 'notes.txt', type: 'text/plain' })).toBe(false)
})

type Entry = { isFile: boolean; isDirectory: boolean; name: string }
const entryOf = (name: string): Entry & { file: (take: (file: File) => void) => void } => ({
  ...{ isFile: true, isDirectory: false, name },
  file: take => take(file(name)),
})
/** A folder that tells what it holds three by three, as browsers do hundred by hundred. */
function folderOf(name: string, entries: readonly Entry[]): Entry & { createReader: () => unknown } {
  return {
    ...{ isFile: false, isDirectory: true, name },
    createReader: () => {
      const left = [...entries]
      return { readEntries: (take: (some: Entry[]) => void) => take(left.splice(0, 3)) }
    },
  }
}
const dropped = (entries: readonly Entry[]): DataTransfer =>
  ({
    items: entries.map(entry => ({
      kind: 'file',
      webkitGetAsEntry: () => entry,
      getAsFile: () => (entry.isFile ? file(entry.name) : null),
    })),
  }) as unknown as DataTransfer

test('a dropped folder is looked through with all that lies in it', async () => {
  const inner = folderOf('inner', [entryOf('deep.png')])
  const folder = folderOf('Holiday', [...['a', 'b', 'c', 'd'].map(name => entryOf(`${name}.png`)), inner])
  const { files, folders, isCut } = await gather(dropped([folder, entryOf('beside.png')]))
  expect(folders).toEqual(['Holiday'])
  expect(files.map(({ name }) => name).sort()).toEqual(['a.png', 'b.png', 'beside.png', 'c.png', 'd.png', 'deep.png'])
  expect(isCut).toBe(false)
})
