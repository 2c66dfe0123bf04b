from flask import Flask, request, redirect
import tarfile
import os

app = Flask(__name__)
UPLOADS = 'uploads'

@app.route('/material/unpack')
def unpack_material():
    course = request.args.get('course')
    semester = os.path.join('material', '2031-spring')
    os.makedirs(semester, exist_ok=True)
    # open uploads/<course>.tgz and extract everything to the semester folder,
    # then redirect to /material
