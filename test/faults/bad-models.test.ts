import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLibrary } from '../../app/library/library.ts'
import { Problem } from '../../app/problem.ts'
import { modelKinds } from '../../app/weights/model-kinds.ts'
import { openModel } from '../../app/weights/open-model.ts'
import { ModelShelf } from '../../main/model-shelf.ts'
import { badFiles } from './bad-models.ts'
import { heldToTime, temporaryHome } from './studio.ts'

const count = 400
const seeds = [1, 20_261_124]

test.each(seeds)(
  '%i: bad files of models are refused one by one, with their name and a reason, quickly and in little memory',
  heldToTime,
  seed => {
    const folder = temporaryHome()
    mkdirSync(folder, { recursive: true })
    let most = 0
    for (const { name, bytes } of badFiles(seed, count)) {
      const path = join(folder, name)
      writeFileSync(path, bytes)
      const before = process.memoryUsage().rss
      const start = performance.now()
      const sentence = refusalOf(path)
      expect(performance.now() - start, name).toBeLessThan(5000)
      most = Math.max(most, process.memoryUsage().rss - before)
      expect(sentence, name).toContain(path)
      expect(sentence, name).toMatch(/^\S.{20,1000}\.$/su)
    }
    expect(most).toBeLessThan(500e6)
  },
)

/** How opening it as a model ends. */
function refusalOf(path: string): string {
  try {
    openModel(path)
  } catch (error) {
    if (error instanceof Problem) return error.sentence
    throw error
  }
  throw new Error(`${path} was opened`)
}

test.each(seeds)(
  '%i: a folder full of them: every one is told, nothing is imported, nothing is left behind',
  async seed => {
    const folder = temporaryHome()
    mkdirSync(folder, { recursive: true })
    const bad = [...badFiles(seed, count)]
    for (const { name, bytes } of bad) writeFileSync(join(folder, name), bytes)
    const library = openLibrary({ home: temporaryHome(), keepsQueue: false })
    const shelf = new ModelShelf(library.models, undefined)
    onTestFinished(() => {
      shelf.close()
      library.close()
    })
    const report = await shelf.import([folder])
    expect(report.models).toEqual([])
    expect(report.found).toBe(bad.length)
    expect(report.refused.map(({ path }) => path).sort()).toEqual(bad.map(({ name }) => join(folder, name)).sort())
    for (const { path, problem } of report.refused) expect(problem).toContain(path)
    expect(shelf.list(modelKinds)).toEqual([])
    expect(readdirSync(folder)).toHaveLength(bad.length)
  },
)
