// `npm run check`: formatting, lint (with the layers of the folders) and the types of every process, in one command.
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = `${root}node_modules/.bin/`
const projects = readdirSync(root).filter(name => /^tsconfig\.(?!base).+\.json$/.test(name))

/** Runs one checker to its end; what it printed is shown only when it found something.
 * @param {string} name @param {string[]} parameters @returns {Promise<boolean>} whether nothing was found */
const passes = (name, ...parameters) =>
  new Promise(resolve => {
    const options = { cwd: root, shell: process.platform === 'win32', maxBuffer: 64 * 2 ** 20 }
    execFile(`${bin}${name}`, parameters, options, (error, stdout, stderr) => {
      console.log(`${error ? 'failed' : 'passed'}  ${[name, ...parameters].join(' ')}`)
      if (error) console.log(`${stdout}${stderr}`)
      resolve(!error)
    })
  })

const results = [await passes('biome', 'ci', '--colors=off', '.')]
for (const project of projects) results.push(await passes('tsc', '-p', project))
process.exitCode = results.every(Boolean) ? 0 : 1
