import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The page of the studio. Relative addresses, because it is served from `studio://app/` and from a loopback port alike;
 *  nothing is inlined, because the content security policy takes no `data:` scripts or fonts. */
export default defineConfig({
  base: './',
  plugins: [react()],
  build: { target: 'chrome114', outDir: '../dist/renderer', emptyOutDir: true, assetsInlineLimit: 0 },
})
