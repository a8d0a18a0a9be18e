// `npm run models`: the same bundle as `npm run generate`, with another command.
import { build } from './build.mjs'

await build({ only: ['command'] })
process.argv.splice(2, 0, 'models')
await import(new URL('../dist/command-line.cjs', import.meta.url).href)
