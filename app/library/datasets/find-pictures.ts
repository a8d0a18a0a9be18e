import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { Problem } from '../../problem.ts'
import { fileProblem } from '../../weights/safe-file.ts'

const endings = new Set(['.png', '.jpg', '.jpeg', '.webp', '.avif', '.gif', '.tif', '.tiff'])

/** Most pictures of one folder that are looked at. */
const mostPictures = 100_000
/** Deeper than anybody sorts pictures; a link that leads back would have no end. */
const deepest = 12

/** The pictures in a folder and in the folders in it, by their names' endings, in a stable order: by path, as characters compare. Hidden
 *  files and folders are left out; links are followed.  @throws Problem FILE_*, FOLDER_NEEDED, PICTURES_MANY */
export async function findPictures(folder: string): Promise<string[]> {
  const root = resolve(folder)
  const state = await stat(root).catch(error => {
    throw fileProblem(error, root)
  })
  if (!state.isDirectory()) {
    throw new Problem('FOLDER_NEEDED', `${root} is a file, not a folder of pictures.`, { hint: 'Choose its folder.' })
  }
  const found: string[] = []
  await visit(root, 0, found)
  return found.sort()
}

async function visit(folder: string, depth: number, found: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
    throw fileProblem(error, folder)
  })
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (await isFolder(entry, path)) {
      if (depth < deepest) await visit(path, depth + 1, found)
    } else if (endings.has(extname(entry.name).toLowerCase())) {
      found.push(path)
      if (found.length > mostPictures) throw tooMany(folder)
    }
  }
}

const isFolder = async (entry: Dirent, path: string): Promise<boolean> =>
  entry.isSymbolicLink() ? ((await stat(path).catch(() => undefined))?.isDirectory() ?? false) : entry.isDirectory()

const tooMany = (folder: string) =>
  new Problem('PICTURES_MANY', `${folder} and the folders in it have more than ${mostPictures} pictures.`, {
    hint: 'Choose a smaller folder.',
  })
