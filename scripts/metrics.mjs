// `npm run metrics`: makes the bundles of the command line if the sources changed, then measures pictures.
import { build } from './build.mjs'

await build({ only: ['command'] })
await import(new URL('../dist/metrics.cjs', import.meta.url).href)
