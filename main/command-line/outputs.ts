import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { Problem } from '../../app/problem.ts'
import { fileProblem } from '../../app/weights/safe-file.ts'

/** Paths of the pictures: exactly `out` for one, `out-1`, `out-2` ... before the ending for several. Makes sure now, before any work,
 *  that they can be written. Without `out`: a name that is not taken, after the seed.
 *  @param at where the person is: the path of a name there
 *  @throws Problem OUTPUT, FILE_*, DISK_FULL */
export function outputPaths(
  out: string | undefined,
  count: number,
  seed: string,
  at: (name: string) => string = name => name,
): string[] {
  const paths = numbered(out === undefined ? freeName(seed, count, at) : at(checkedName(out)), count)
  for (const path of paths) {
    if (existsSync(path) && statSync(path).isDirectory()) {
      throw new Problem('OUTPUT', `${path} is a folder.`, {
        hint: 'Give --out the name of a file in it, such as picture.png.',
      })
    }
  }
  tryFolder(dirname(resolve(paths[0])))
  return paths
}

const ending = '.png'

function checkedName(out: string): string {
  if (extname(out).toLowerCase() === ending) return out
  throw new Problem('OUTPUT', `--out must name a PNG file, not ${JSON.stringify(out)}.`, {
    hint: 'Let it end in .png.',
  })
}

function numbered(path: string, count: number): string[] {
  if (count === 1) return [path]
  const stem = path.slice(0, -ending.length)
  return Array.from({ length: count }, (_, k) => `${stem}-${k + 1}${path.slice(-ending.length)}`)
}

function freeName(seed: string, count: number, at: (name: string) => string): string {
  // Whether it is a seed at all is checked later.
  const stem = /^\d+$/.test(seed) ? `picture-${seed}` : 'picture'
  for (let k = 1; ; k++) {
    const name = at(`${stem}${k === 1 ? '' : `-again${k}`}${ending}`)
    if (!numbered(name, count).some(existsSync)) return name
  }
}

/** Permissions say little (administrators, read-only disks, network folders): a file is made there and removed again. */
function tryFolder(folder: string): void {
  const path = join(folder, `.${randomBytes(6).toString('hex')}.part`)
  try {
    closeSync(openSync(path, 'wx'))
    rmSync(path)
  } catch (error) {
    const { code, message, hint } = fileProblem(error, folder)
    throw code === 'FILE_DENIED'
      ? new Problem(code, `${folder} cannot be written to.`, {
          hint: 'Choose another folder with --out.',
          cause: error,
        })
      : new Problem(code, message, { hint, cause: error })
  }
}
