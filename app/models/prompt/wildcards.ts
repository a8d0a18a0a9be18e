import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { fileProblem } from '../../weights/safe-file.ts'

/** The lines that a wildcard may become, by its name. @throws Problem WILDCARD_UNKNOWN, FILE_* */
export type Wildcards = (name: string) => readonly string[]

/** The text files of a folder as wildcards: `__animal__` is one of the lines of animal.txt, `__hair/colour__` of hair/colour.txt. Empty
 *  lines and lines that begin with # do not count. Files are read when they are asked for. */
export function openWildcards(folder: string): Wildcards {
  return name => {
    const path = join(folder, `${name}.txt`)
    const lines = existsSync(path) ? linesOf(path) : []
    if (lines.length > 0) return lines
    const names = wildcardNames(folder)
    const known = names.length === 0 ? '' : ` There are ${names.slice(0, 10).join(', ')}.`
    throw new Problem('WILDCARD_UNKNOWN', `The prompt names the wildcard "__${name}__", but ${path} holds no lines.`, {
      hint: `Write its words into that file, one choice a line, or write \\__${name}__ for the plain text.${known}`,
    })
  }
}

/** The names of the wildcards of a folder. */
export const wildcardNames = (folder: string): string[] =>
  globSync('**/*.txt', { cwd: folder })
    .map(file => file.slice(0, -'.txt'.length).replaceAll('\\', '/'))
    .sort()

function linesOf(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    return lines.map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'))
  } catch (error) {
    throw fileProblem(error, path)
  }
}
