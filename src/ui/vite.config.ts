import { createHash } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

// Only the scripts that stand in the page may run: their digests go into its policy. The block of
// data is no script and needs none.
function scriptHashes(): Plugin {
  return {
    name: 'script-hashes',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.html')) continue;
        const page = String(file.source);
        const hashes: string[] = [];
        const pattern = /<script(?![^>]*application\/json)[^>]*>([\s\S]*?)<\/script>/g;
        for (const [, text] of page.matchAll(pattern)) {
          hashes.push(`'sha256-${createHash('sha256').update(text ?? '').digest('base64')}'`);
        }
        if (hashes.length === 0) throw new Error('the page has no script');
        file.source = page.replace('@script-hashes@', hashes.join(' '));
      }
    },
  };
}

// One self-contained page: scripts and styles inline, no request of any kind.
export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { target: 'es2021', assetsInlineLimit: 1 << 20, cssCodeSplit: false, modulePreload: false },
  plugins: [viteSingleFile({ removeViteModuleLoader: true }), scriptHashes()],
  test: { include: ['test/**/*.test.ts'] },
});
