# Serves 200 small pages on a local nginx, with a robots.txt and a sitemap: the sample site with its sections repeated.
# Source this file. The caller sets $project, $work and $port, and stops the process $nginx.

mkdir "$work/site"
sample=$project/LocalRunner/Sample
cp "$sample/index.html" "$work/site/"
links=
for part in 1 2 3 4 5 6 7 8 9; do
  mkdir "$work/site/part-$part"
  cp -R "$sample"/{getting-started,guides,concepts,reference,examples} "$work/site/part-$part/"
  # Make the heading of each copy unique, because pages with the same text count as duplicates.
  find "$work/site/part-$part" -name '*.html' -exec sed -i \
    -e "s#href=\"/\(getting-started\|guides\|concepts\|reference\|examples\)#href=\"/part-$part/\1#g" \
    -e "s|<h1>|<h1>Part $part: |" {} +
  links+="<li><a href=\"/part-$part/getting-started/\">Part $part</a></li><li><a href=\"/part-$part/guides/\">Guides $part</a></li>"
done
sed -i "s|<h2>What it does|<ul>$links</ul><h2>What it does|" "$work/site/index.html"
{
  echo '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
  (cd "$work/site" && find . -name '*.html') | sort | head -n 200 |
    sed -e 's|^\.||' -e 's|/index\.html$|/|' -e "s|.*|<url><loc>http://127.0.0.1:$port&</loc></url>|"
  echo '</urlset>'
} >"$work/sitemap.xml"
mv "$work/sitemap.xml" "$work/site/"
printf 'User-agent: *\nDisallow: /admin/\nSitemap: http://127.0.0.1:%s/sitemap.xml\n' "$port" >"$work/site/robots.txt"
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/pid; error_log stderr error;
events {}
http {
  include /etc/nginx/mime.types; access_log off; log_not_found off;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server { listen 127.0.0.1:$port; root $work/site; }
}
CONF
chmod -R a+rX "$work"
nginx -c "$work/nginx.conf" -p "$work" &
nginx=$!
sleep 0.5
