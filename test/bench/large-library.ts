/** A library of many pictures for measurements and tests; `node test/bench/large-library.ts HOME COUNT` makes one. Rows are written by SQL in one transaction,
 *  so that 100,000 take seconds: each has its own hash, a recipe, some a rating or a tag. Only the newest have a file. */
import { linkSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { openLibrary } from '../../app/library/library.ts'
import { Store } from '../../app/library/store.ts'

export const things = ['fox', 'apple', 'castle', 'robot', 'flower', 'whale', 'lamp', 'crown', 'balloon', 'violin']
/** Pictures that have a file: more than a measurement scrolls past. */
const WITH_FILE = 6000

/** The hash of picture k, from 1. */
export const hashOf = (k: number): string => `${k.toString(16).padStart(5, '0')}${'a'.repeat(59)}`

/** Makes it. Picture `count` is the newest; a minute lies between two. */
export async function makeLargeLibrary(home: string, count: number): Promise<void> {
  const library = openLibrary({ home, keepsQueue: true })
  const files = await Promise.all(
    things.map(async (_, k) => {
      const background = { r: k * 25, g: 255 - k * 20, b: (k * 77) % 256 }
      const create = { width: 128, height: 128, channels: 3, background } as const
      const blob = await library.blobs.put(await sharp({ create }).png().toBuffer(), 'image/png')
      library.blobs.record(blob)
      return { hash: blob.hash, path: library.blobs.find(blob.hash)?.path ?? '' }
    }),
  )
  library.close()
  const store = new Store(join(home, 'library.db'))
  store.transaction(() => fill(store, count, Date.now()))
  store.close()
  for (let k = Math.max(1, count - WITH_FILE); k <= count; k++) {
    const { hash, path } = files[k % files.length]
    const copy = path.replace(`/${hash.slice(0, 2)}/`, `/${hashOf(k).slice(0, 2)}/`).replace(hash, hashOf(k))
    mkdirSync(dirname(copy), { recursive: true })
    linkSync(path, copy)
  }
}

function fill(store: Store, count: number, now: number): void {
  const each = 'WITH RECURSIVE counter(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM counter WHERE k < @count)'
  const thing = `json_extract('${JSON.stringify(things)}', '$[' || (k % ${things.length}) || ']')`
  const model = "CASE k % 5 WHEN 0 THEN 'Inkwash' ELSE 'Sticker World' END"
  const prompt = `'a ' || ${thing} || ' number ' || k || ', 3d style'`
  const hash = `printf('%05x', k) || '${'a'.repeat(59)}'`
  store.run(`${each} INSERT INTO blobs (hash, type, bytes) SELECT ${hash}, 'image/png', 1000 FROM counter`, { count })
  store.run(
    `${each} INSERT INTO images (id, hash, width, height, createdAt, place, rating)
     SELECT 'p' || k, ${hash}, 128, 128, @now - (@count - k) * 60000, 0, CASE WHEN k % 40 = 0 THEN 1 + (k / 40) % 5 ELSE 0 END
     FROM counter`,
    { count, now },
  )
  store.run(
    `INSERT INTO recipes (image, prompt, seed, model, sampler, body)
     SELECT number, prompt, seed, model, 'DDIMScheduler', json_object('operation', 'text-to-image', 'operationVersion', 1,
       'seed', seed, 'provider', 'cpu', 'app', 'bench', 'parents', json_array(), 'model', json_object('name', model, 'hash', ''),
       'parameters', json_object('prompt', prompt, 'sampler', 'DDIMScheduler', 'steps', 20))
     FROM (SELECT number, ${prompt} AS prompt, CAST(k AS TEXT) AS seed, ${model} AS model
           FROM (SELECT number, CAST(substr(id, 2) AS INTEGER) AS k FROM images))`,
  )
  store.run(
    "INSERT INTO imageTags (image, tag) SELECT number, 'night' FROM images WHERE CAST(substr(id, 2) AS INTEGER) % 100 = 0",
  )
}

if (import.meta.main) {
  const [, , home = '', count = '100000'] = process.argv
  await makeLargeLibrary(home, Number(count))
}
