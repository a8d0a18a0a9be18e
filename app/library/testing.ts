import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Problem } from '../problem.ts'
import { type Library, type LibraryOptions, openLibrary } from './library.ts'
import type { Image, Recipe } from './records.ts'

/** Helpers of the tests of the library. */

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A library in a folder of its own, closed after the test. */
export function testLibrary(options: Partial<LibraryOptions> = {}): Library {
  const library = openLibrary({ home: temporaryFolder(), keepsQueue: true, ...options })
  onTestFinished(() => {
    try {
      library.close()
    } catch {
      // The test closed it.
    }
  })
  return library
}

export const recipe = (change: Partial<Recipe> & { prompt?: string; sampler?: string } = {}): Recipe => {
  const { prompt = 'a fox', sampler = 'EulerDiscreteScheduler', ...rest } = change
  return {
    operation: 'text-to-image',
    operationVersion: 1,
    parameters: { prompt, sampler, steps: 20 },
    seed: '7',
    model: { name: 'Sticker World', hash: 'ab' },
    provider: 'cpu',
    app: 'Sfumato 0.1.0',
    parents: [],
    ...rest,
  }
}

/** Stores bytes as a picture (nobody looks into them) and records it. */
export async function addImage(
  library: Library,
  change: Parameters<typeof recipe>[0] = {},
  at = Date.now(),
): Promise<Image> {
  const blob = await library.blobs.put(randomBytes(64), 'image/png')
  const [image] = library.images.add([{ blob, width: 64, height: 64, index: 0, recipe: recipe(change) }], at)
  if (!image) throw new Error('nothing was added')
  return image
}

/** The code of the Problem that is thrown; fails on anything else. */
export async function problemCode(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'nothing was thrown'
}
