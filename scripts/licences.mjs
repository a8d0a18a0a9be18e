// The notice that goes with the installed app: every package in it, its licence and the licence's text.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Licences under which a part may be shipped. libvips (of sharp) is a library of its own that can be exchanged, as the LGPL asks. */
const accepted = new Set(
  '0BSD Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC LGPL-3.0-or-later MIT OFL-1.1 Unlicense Zlib'.split(
    ' ',
  ),
)

/** @typedef {{ name: string, version: string, licence: string, home: string, texts: string[] }} Part */

/** @param {string} folder @returns {Record<string, any>} */
const manifest = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Where a package finds another one: in its own node_modules or in those above it.
 * @param {string} from @param {string} name @returns {string | undefined} */
function resolved(from, name) {
  for (let folder = from; ; folder = join(folder, '..')) {
    const place = join(folder, 'node_modules', name)
    if (existsSync(join(place, 'package.json'))) return place
    if (join(folder, '..') === folder) return undefined
  }
}

/** The packages that lie in the app as they are, with all that they need: native ones cannot be bundled.
 * @returns {string[]} folders */
export function wholePackages() {
  const folders = new Set()
  const visit = (/** @type {string} */ from, /** @type {string[]} */ names) => {
    for (const name of names) {
      const folder = resolved(from, name)
      if (folder === undefined || folders.has(folder)) continue
      folders.add(folder)
      const { dependencies = {}, optionalDependencies = {} } = manifest(folder)
      visit(folder, [...Object.keys(dependencies), ...Object.keys(optionalDependencies)])
    }
  }
  visit(root, Object.keys(manifest(root).dependencies))
  return [...folders]
}

/** @param {string} folder @returns {Part} */
function part(folder) {
  const { name, version, license, licenses, repository, homepage } = manifest(folder)
  const texts = readdirSync(folder)
    .filter(file => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file))
    .map(file => readFileSync(join(folder, file), 'utf8').trim())
  const address = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? ''
  return { name, version, licence: String(license ?? licenses?.[0]?.type ?? ''), home: address, texts }
}

/** Whether an SPDX expression leaves a way that is accepted: "(MIT OR GPL-2.0)" does, "Apache-2.0 AND GPL-2.0" does not.
 * @param {string} expression @returns {boolean} */
export function isAccepted(expression) {
  const ways = expression.replace(/[()]/g, '').split(/\s+OR\s+/)
  return ways.some(way => way.split(/\s+AND\s+/).every(licence => accepted.has(licence)))
}

/** The text of the notice.
 * @param {string[]} bundled folders of the packages that are inside the bundles, as dist/packages.json names them
 * @param {string} nodePackage folder of the package with the Node binary
 * @throws where a part's licence is unknown or not accepted */
export function notice(bundled, nodePackage) {
  const folders = [...bundled.map(folder => join(root, folder)), ...wholePackages(), nodePackage]
  const parts = [...new Map(folders.map(part).map(one => [`${one.name} ${one.version}`, one])).values()]
  const refused = parts.filter(({ licence }) => !isAccepted(licence))
  if (refused.length > 0) {
    throw new Error(`May not be shipped: ${refused.map(({ name, licence }) => `${name} (${licence || 'no licence'})`)}`)
  }
  parts.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  const sections = parts.map(({ name, version, licence, home, texts }) =>
    [`${name} ${version}`, `Licence: ${licence}`, home, '', ...texts].join('\n').trim(),
  )
  const opening =
    'Sfumato contains the work of others, each under its own licence. Electron and Chromium have files of their own.'
  return [opening, ...sections].join(`\n\n${'-'.repeat(100)}\n\n`)
}
