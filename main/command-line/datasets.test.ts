import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { problemCode, temporaryFolder } from '../../app/library/testing.ts'
import { datasets } from './datasets.ts'

const folder = () => {
  const place = temporaryFolder()
  const library = join(place, 'library')
  mkdirSync(join(place, 'cats'))
  const run = async (...argv: string[]) => {
    const [lines, told]: [string[], string[]] = [[], []]
    const terminal = {
      stdout: { write: (text: string) => lines.push(text) > 0 },
      stderr: { isTTY: false, columns: 80, write: (text: string) => told.push(text) > 0 },
      folder: place,
    }
    await datasets([...argv, '--library', library], terminal, new AbortController().signal)
    return { out: lines.join(''), told: told.join('') }
  }
  return { place, run }
}

test('a folder becomes a data set, its tags are edited, and it is forgotten', async () => {
  const { place, run } = folder()
  for (const [k, name] of ['a', 'b'].entries()) {
    const background = { r: 200 * k, g: 90, b: 10 }
    await sharp({ create: { width: 300, height: 200, channels: 3, background } })
      .png()
      .toFile(join(place, 'cats', `${name}.png`))
  }
  writeFileSync(join(place, 'cats', 'a.txt'), 'cat, sofa')
  writeFileSync(join(place, 'cats', 'broken.png'), 'x')
  const added = await run('add', 'cats', '--json')
  expect(JSON.parse(added.out)).toMatchObject({ name: 'cats', pictures: 2, captioned: 1, refused: 1, isComplete: true })
  expect(added.told).toBe('broken.png is left out: This is not a picture that can be read.\n')
  expect((await run('tag', 'cats', '--first', 'sks', '--remove', 'sofa', '--replace', 'cat=a cat')).out).toMatch(/^2 /)
  await run('caption', 'cats', 'b.png', 'a dog')
  const { out } = await run('show', 'cats', '--resolution', '128', '--json')
  const { tags, buckets, duplicates } = JSON.parse(out)
  expect(tags.map(({ tag }: { tag: string }) => tag)).toEqual(['a cat', 'a dog', 'sks'])
  expect(buckets).toEqual([{ width: 152, height: 104, pictures: 2 }])
  expect(duplicates).toEqual([])
  expect((await run('list')).out).toMatch(/^cats {2}2 pictures, 2 with words, 1 cannot be read/)
  expect((await run('remove', join(place, 'cats'))).out).toMatch(/stays where it is/)
  expect((await run('list')).out).toBe('')
})

test('what is not there is told in words', async () => {
  const { run } = folder()
  expect(await problemCode(() => run('add', 'cats'))).toBe('DATASET_EMPTY')
  expect(await problemCode(() => run('add', 'dogs'))).toBe('FILE_MISSING')
  expect(await problemCode(() => run('show', 'dogs'))).toBe('DATASET_UNKNOWN')
  expect(await problemCode(() => run('dance'))).toBe('COMMAND_LINE')
  expect((await run('--help')).out).toMatch(/^Usage/)
})
